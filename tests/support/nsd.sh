# nsd.sh - a DNS server of the test's own, and our relay before it.
# SPDX-License-Identifier: Apache-2.0
#
#   . "$MAILMILL_SOURCE_DIR/tests/support/nsd.sh"
#   nsd_start ZONE_FILE                  serves it as the root zone on $nsd_port, until nsd_stop
#   relay_start NAME [OPTION...]         our dns_relay before it; its port in $relay_port
#   relay_stop NAME
#
# Source it after tap.sh or spool.sh. Everything that was started ends with the script.
declare -A relay_pids=()
nsd_pid=

nsd_all_stop()
{
    local name
    for name in "${!relay_pids[@]}"; do relay_stop "$name"; done
    nsd_stop
}
trap 'nsd_all_stop; chmod -R u+rwX "$tap_dir" 2>/dev/null; rm -rf "$tap_dir"' EXIT

# nsd PORT: does it serve there? It ends at once where the port is taken.
nsd_try()
{
    local port=$1 dir=$tap_dir/nsd i
    cat >"$dir/nsd.conf" <<END
server:
    ip-address: 127.0.0.1
    port: $port
    username: ""
    server-count: 1
    database: ""
    zonesdir: "$dir"
    zonelistfile: "$dir/zone.list"
    xfrdfile: "$dir/xfrd.state"
    xfrdir: "$dir"
    pidfile: ""
    logfile: "$dir/nsd.log"
    rrl-ratelimit: 0
    hide-version: yes
    tcp-count: 64
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "root.zone"
END
    nsd -d -c "$dir/nsd.conf" >"$dir/nsd.out" 2>&1 &
    nsd_pid=$!
    for i in $(seq 100); do
        kill -0 "$nsd_pid" 2>/dev/null || return 1
        grep -q 'nsd started' "$dir/nsd.log" 2>/dev/null && return 0
        sleep 0.05
    done
    nsd_stop
    return 1
}

# nsd_start ZONE_FILE
nsd_start()
{
    local try
    PATH=$PATH:/usr/sbin:/sbin
    mkdir -p "$tap_dir/nsd"
    cp "$1" "$tap_dir/nsd/root.zone"
    for try in 1 2 3 4 5; do
        nsd_port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        rm -f "$tap_dir/nsd/nsd.log"
        nsd_try "$nsd_port" && return 0
    done
    tap_say <"$tap_dir/nsd/nsd.log"
    echo "Bail out! nsd does not start"
    exit 1
}

nsd_stop()
{
    [ -n "$nsd_pid" ] || return 0
    kill "$nsd_pid" 2>/dev/null
    wait "$nsd_pid" 2>/dev/null
    nsd_pid=
}

# relay_start NAME [OPTION...]; its log of questions is $tap_dir/NAME.log
relay_start()
{
    local name=$1 i
    shift
    rm -f "$tap_dir/$name.port"
    "$MAILMILL_BINARY_DIR/tests/dns_relay" "$nsd_port" --log "$tap_dir/$name.log" "$@" >"$tap_dir/$name.port" &
    relay_pids[$name]=$!
    for i in $(seq 100); do
        [ -s "$tap_dir/$name.port" ] && break
        sleep 0.05
    done
    relay_port=$(cat "$tap_dir/$name.port")
}

relay_stop()
{
    kill "${relay_pids[$1]}" 2>/dev/null
    wait "${relay_pids[$1]}" 2>/dev/null
    unset "relay_pids[$1]"
}
