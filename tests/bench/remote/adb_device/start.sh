#!/bin/sh
# Runs a "phone" in the namespaces that it finds itself in; device.py makes these:
#
#   start.sh <folder of fetch.sh> <root> <port>...
#
# Each port gets an adbd, without authentication: the network namespace has loopback alone. What the
# device runs is for aarch64, under qemu-user: mksh, toybox and whatever is pushed. binfmt_misc of a
# user namespace of its own changes nothing outside. <root> is an empty folder; it becomes a tmpfs.
set -eu

folder=$1 root=$2
shift 2
ip link set lo up
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
# F: the interpreter is opened now, so it need not be in the device's root
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
printf '%s' ":larq_bvit:M::$magic:$mask:$folder/qemu/usr/bin/qemu-aarch64:F" \
  > /proc/sys/fs/binfmt_misc/register

mount -t tmpfs -o size=96m tmpfs "$root"
cd "$root"
mkdir -p usr dev proc system/bin system/etc data/local/tmp data/small data/noexec tmp
mkdir bin
ln -s /usr/bin/mksh bin/sh # what Debian's adbd starts
for name in lib lib64; do ln -s usr/$name $name; done
mount --bind "$folder/device/usr" usr
mount --rbind /dev dev
mount -t proc proc proc
# devices of one kernel would seem to be one
mount --bind /dev/null proc/sys/kernel/random/boot_id
mount -t tmpfs -o size=256k tmpfs data/small
mount -t tmpfs -o size=8m,noexec tmpfs data/noexec

# a little core and a big one, and a warm one
cores=sys/devices/system/cpu
for core in 0:1800000 1:2800000; do
  at=$cores/cpu${core%:*}/cpufreq
  mkdir -p $at
  for name in cpuinfo_max_freq scaling_max_freq scaling_cur_freq; do echo "${core#*:}" > $at/$name; done
  echo schedutil > $at/scaling_governor
done
mkdir -p sys/class/thermal/thermal_zone0 sys/class/power_supply/battery
echo cpu-0-0 > sys/class/thermal/thermal_zone0/type
echo 31500 > sys/class/thermal/thermal_zone0/temp
echo Battery > sys/class/power_supply/battery/type
echo 80 > sys/class/power_supply/battery/capacity
echo Discharging > sys/class/power_supply/battery/status

for tool in $(chroot . /usr/bin/toybox); do ln -s /usr/bin/toybox "system/bin/$tool"; done
ln -s /usr/bin/mksh system/bin/sh
cat > system/bin/getprop <<'EOF'
#!/system/bin/sh
case $1 in
  ro.product.cpu.abilist) echo arm64-v8a ;;
  ro.product.manufacturer) echo Nobody ;;
  ro.product.model) echo 'Phone 1' ;;
  ro.build.version.release) echo 14 ;;
  *) echo ;;
esac
EOF
chmod 755 system/bin/getprop

chroot=$(command -v chroot)
for port in "$@"; do
  env -i PATH=/system/bin SHELL=/system/bin/sh HOME=/data ADBD_PORT="$port" \
    "$folder/without_vsock" "$chroot" . /usr/lib/android-sdk/platform-tools/adbd &
  echo $! > "tmp/adbd-$port"
done
echo ready
wait
sleep infinity # the namespaces stay when an adbd is killed
