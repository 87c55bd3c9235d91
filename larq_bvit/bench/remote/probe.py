"""The questions that a machine is asked: sh for toybox, busybox and GNU, answered in sections."""

from __future__ import annotations

import re

# Each part is asked for by itself, so what a machine lacks leaves its section empty. It ends its
# line, which the text of a device tree does not.
# `read` instead of `cat`: a phone has a hundred of these files, and starts programs slowly.
_GET = 'g() { v=; { read -r v < "$1"; } 2>/dev/null; }'

_FACTS = rf"""
{_GET}
s() {{ echo "@@$1"; shift; "$@" 2>/dev/null; echo; }}
s kernel uname -s; s release uname -r; s machine uname -m
s bits getconf LONG_BIT
s abis getprop ro.product.cpu.abilist
s abi getprop ro.product.cpu.abi
s maker getprop ro.product.manufacturer
s product getprop ro.product.model
s android getprop ro.build.version.release
s board cat /proc/device-tree/model
s system cat /etc/os-release
s cpuinfo cat /proc/cpuinfo
s memory cat /proc/meminfo
s load cat /proc/loadavg
s allowed grep Cpus_allowed_list /proc/self/status
s governor cat /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor
s nproc nproc
echo @@cores
for c in /sys/devices/system/cpu/cpu[0-9]*; do
  g $c/cpufreq/cpuinfo_max_freq; k=$v; g $c/cpu_capacity; p=$v; g $c/online; o=$v
  g $c/topology/thread_siblings_list; echo "${{c##*cpu}}:$k:$p:$o:$v"
done
echo @@tools
for t in taskset timeout sha256sum; do command -v $t >/dev/null 2>&1 && echo $t; done
echo @@end
"""

_READINGS = rf"""
{_GET}
echo @@clocks
for c in /sys/devices/system/cpu/cpu[0-9]*; do
  g $c/cpufreq/scaling_cur_freq; n=$v; g $c/cpufreq/scaling_max_freq; echo "${{c##*cpu}}:$n:$v"
done
echo @@zones
for z in /sys/class/thermal/thermal_zone*; do g $z/temp; t=$v; g $z/type; echo "$t:$v"; done
echo @@battery
for b in /sys/class/power_supply/*; do
  g $b/type; t=$v; g $b/capacity; p=$v; g $b/status; echo "$t:$p:$v"
done
echo @@end
"""

FACTS, READINGS = _FACTS.strip(), _READINGS.strip()


def sections(output: str) -> dict[str, str]:
    """{name: text} of an answer; a zero byte ends a line, as in a device tree."""
    parts = re.split(r"(?m)^@@(\w+)\r?$", output.replace("\0", "\n"))
    return {name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def integer(text: str) -> int | None:
    """A number, or None for anything else, such as what a machine does not tell."""
    return int(text) if re.fullmatch(r"-?\d+", text.strip()) else None
