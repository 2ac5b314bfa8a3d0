/* A program for gdbserver to hold: 64 KiB of memory at an address that the linker sets. */
char ram[65536] __attribute__((section(".ram"), used)) = {1};

int main(void) { return ram[1]; }
