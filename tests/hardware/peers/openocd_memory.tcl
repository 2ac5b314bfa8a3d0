# OpenOCD without an adapter, over 64 KiB at 0x20000000 that lie in its own Tcl, for it has no silicon here:
#   openocd -f tests/hardware/peers/openocd_memory.tcl
adapter driver dummy
transport select jtag
gdb_port disabled
telnet_port disabled
bindto 127.0.0.1
init
array set ram {}
proc write_memory {address width values} {
  global ram
  if {$address < 0x20000000 || $address > 0x2000ffff} { error {no memory there} }
  foreach value $values {
    for {set i 0} {$i < $width} {incr i 8} {
      set ram([expr {$address + 0}]) [expr {($value >> $i) & 255}]
      incr address
    }
  }
}
proc read_memory {address width count} {
  global ram
  set values {}
  for {set n 0} {$n < $count} {incr n} {
    set value 0
    for {set i 0} {$i < $width} {incr i 8} {
      set value [expr {$value | ($ram([expr {$address + 0}]) << $i)}]
      incr address
    }
    lappend values [format 0x%x $value]
  }
  return $values
}
