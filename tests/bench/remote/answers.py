"""What machines of several kinds answer to the questions of larq_bvit.bench.remote.probe."""

from __future__ import annotations

# Android 13, mksh and toybox; one big core, three middle ones, four little ones; no /proc name
PHONE = """\
@@kernel
Linux
@@release
5.10.149-android13-4-00001-g12ab
@@machine
aarch64
@@bits
64
@@abis
arm64-v8a,armeabi-v7a,armeabi
@@abi
arm64-v8a
@@maker
Google
@@product
Pixel 6
@@android
13
@@board
@@system
@@cpuinfo
processor\t: 0
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm asimddp
CPU implementer\t: 0x41
CPU architecture: 8
CPU part\t: 0xd05

processor\t: 7
Features\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm asimddp
CPU implementer\t: 0x41
CPU part\t: 0xd44
@@memory
MemTotal:        7749732 kB
MemFree:          300000 kB
@@load
12.04 11.50 11.02 1/4509 23456
@@allowed
Cpus_allowed_list:\t0-7
@@governor
sched_pixel
@@nproc
8
@@cores
0:1803000:160:1
1:1803000:160:1
2:1803000:160:1
3:1803000:160:1
4:2253000:510:1
5:2253000:510:0
6:2802000:1024:1
7:2802000:1024:1
@@tools
taskset
timeout
sha256sum
@@end
"""

# Raspberry Pi OS of 32 bits under a kernel of 64, busybox, no cpufreq
BOARD = """\
@@kernel
Linux
@@release
6.1.21-v8+
@@machine
aarch64
@@bits
32
@@abis
@@abi
@@maker
@@product
@@android
@@board
Raspberry Pi 4 Model B Rev 1.4\0@@system
PRETTY_NAME="Raspbian GNU/Linux 11 (bullseye)"
NAME="Raspbian GNU/Linux"
@@cpuinfo
processor\t: 0
model name\t: ARMv7 Processor rev 3 (v7l)
Features\t: half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt vfpd32 lpae evtstrm crc32
CPU implementer\t: 0x41
CPU part\t: 0xd08

Hardware\t: BCM2711
Model\t\t: Raspberry Pi 4 Model B Rev 1.4
@@memory
MemTotal:        3884248 kB
@@load
3.90 0.30 0.20 1/150 999
@@allowed
Cpus_allowed_list:\t1-3
@@governor
@@nproc
3
@@cores
0:::
1:::
2:::
3:::
@@tools
@@end
"""

READINGS = """\
@@clocks
0:300000:1803000
6:2802000:2802000
7:::
@@zones
31500:BIG
29000:LITTLE
412:battery
55:quiet
0:dead
-274000:broken
:unreadable
37000:gpu
@@battery
USB::
Battery:64:Discharging
@@end
"""
