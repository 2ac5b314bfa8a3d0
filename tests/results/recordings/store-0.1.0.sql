CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('campaign','{"chips":2,"codec":"none,secded","data":{"fingerprint":"c41a8d63d59fc6b5c9a85ae12e5aceccb0d0271b","name":"fashion-mnist","path":"fashion-mnist"},"energy_source":"","images":20,"instruction_set":"baseline","layout":{"bit_order":"lsb-first","interleave":"linear"},"memory":"functional","networks":[{"bits":8,"fingerprint":"c69cfbb2fb24d1b060f9ecada3afa15c510a3749","macs_per_image":2425536,"name":"fashion-rquant","parameters":87546,"path":"inference/zoo/fashion-rquant.onnx","quantizer":"rquant","reads_per_inference":10944,"store":"parameters","stored_bits":700416,"writes_per_inference":0},{"bits":8,"fingerprint":"c69cfbb2fb24d1b060f9ecada3afa15c510a3749","macs_per_image":2425536,"name":"fashion-rquant+secded","parameters":87546,"path":"inference/zoo/fashion-rquant.onnx","protection":{"check_arrays":3,"check_bits":8,"codec":"secded","data_arrays":22,"word_bits":64},"quantizer":"rquant","reads_per_inference":10944,"store":"parameters","stored_bits":787968,"writes_per_inference":0}],"offsets":[0],"points":[{"ber":0.001,"ber_expected":0.001,"energy":{"read_j":null,"relative":null,"write_j":null},"label":"ber=1e-3","voltage":null},{"ber":0.01,"ber_expected":0.01,"energy":{"read_j":null,"relative":null,"write_j":null},"label":"ber=1e-2","voltage":null}],"profile":null,"seed":1,"version":"0.1.0"}');
INSERT INTO meta VALUES('fingerprint','663d01c66cca0842bdfa06dbac84938b0ad84915');
INSERT INTO meta VALUES('note/command','brownout sweep -m inference/zoo/fashion-rquant.onnx -d fashion-mnist --images 20 --ber 1e-3,1e-2 --chips 2 --codec none,secded --threads 1 --quiet --no-report --out results');
CREATE TABLE trial(
    network INTEGER NOT NULL, point INTEGER NOT NULL, chip INTEGER NOT NULL, "offset" INTEGER NOT NULL,
    images INTEGER NOT NULL, wrong_clean INTEGER NOT NULL, wrong_perturbed INTEGER NOT NULL,
    wrong_either INTEGER NOT NULL, bits_read INTEGER NOT NULL, bits_wrong INTEGER NOT NULL,
    failing_cells INTEGER NOT NULL, words_read INTEGER NOT NULL, words_corrected INTEGER NOT NULL,
    words_detected INTEGER NOT NULL, words_miscorrected INTEGER NOT NULL,
    words_silent INTEGER NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY(network, point, chip, "offset")) STRICT, WITHOUT ROWID;
INSERT INTO trial VALUES(0,0,0,0,20,1,1,1,700416,652,652,10944,0,0,0,628,3326901263);
INSERT INTO trial VALUES(0,0,1,0,20,1,0,1,700416,705,705,10944,0,0,0,680,2764219845);
INSERT INTO trial VALUES(0,1,0,0,20,1,3,3,700416,6896,6896,10944,0,0,0,5161,4130272510);
INSERT INTO trial VALUES(0,1,1,0,20,1,4,4,700416,7058,7058,10944,0,0,0,5185,3698613442);
INSERT INTO trial VALUES(1,0,0,0,20,1,1,1,787968,743,743,10944,687,28,0,0,1697539119);
INSERT INTO trial VALUES(1,0,1,0,20,1,1,1,787968,787,787,10944,734,25,1,0,1715620247);
INSERT INTO trial VALUES(1,1,0,0,20,1,1,1,787968,7787,7787,10944,3881,1551,177,0,3795917674);
INSERT INTO trial VALUES(1,1,1,0,20,1,3,3,787968,7940,7940,10944,3819,1651,174,0,2077471679);
