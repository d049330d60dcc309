#!/usr/bin/env bash
# exim.sh - Exim takes our batch SMTP, as its -bS reads it, and delivers every message whole.
# SPDX-License-Identifier: Apache-2.0
#
# Exim is unpacked by scripts/deps-exim and not installed. It wants a user of its own, which it gets in a mount namespace.
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
exim=$MAILMILL_SOURCE_DIR/build/exim
sign="$mailmill sign $one --now $now --quiet"
verify="$mailmill verify --keys $keys/zone --now $now --quiet"

chmod 755 .
mkdir -m 777 spool log delivered
{ cat /etc/passwd && echo 'Debian-exim:x:4242:4242::/nonexistent:/usr/sbin/nologin'; } >passwd
{ cat /etc/group && echo 'Debian-exim:x:4242:'; } >group
cat >exim.conf <<END
exim_path = $exim/usr/sbin/exim4
exim_user = nobody
exim_group = nogroup
deliver_drop_privilege = true
keep_environment = LD_LIBRARY_PATH
spool_directory = $PWD/spool
log_file_path = $PWD/log/%slog
primary_hostname = host.example.com
smtp_accept_queue_per_connection = 0
begin routers
all:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  directory = $PWD/delivered
  user = nobody
  group = nogroup
  message_prefix =
  message_suffix =
  envelope_to_add = true
  return_path_add = true
END
cat >as-exim.sh <<END
mount --bind $PWD/passwd /etc/passwd && mount --bind $PWD/group /etc/group || exit 99
LD_LIBRARY_PATH=$(echo "$exim"/usr/lib/*-linux-gnu) exec timeout 120 $exim/usr/sbin/exim4 -C $PWD/exim.conf "\$@"
END
if ! unshare -m sh as-exim.sh -bV >version 2>&1; then
    skip "Exim reads batch SMTP" "no exim4 that runs here (scripts/deps-exim, as root)"
    plan
fi
echo "# $(head -n 1 version)"

mkdir in
for n in $(seq 1 20); do message example.com "$n" >in/$n.eml; done
printf '.\r\n..two\r\n.\r\nFrom here\r\n\r\nFrom there\r\n' >>in/3.eml
for n in 4 5; do seq 1 $((n * 20000)) | sed 's/^/./; s/$/\r/' >>in/$n.eml; done
sed -i 's/\r$//' in/6.eml
sed -i 's/^To: .*/To: one@example.org, two@example.org\r/' in/7.eml
$sign -o signed in
$sign -o out.bsmtp in
is "Exim takes it all" "$(unshare -m sh as-exim.sh -odi -bS <out.bsmtp 2>&1; echo $?)" 0
is "one copy for each recipient, none is left" "$(find delivered -type f | wc -l) $(find spool -name '*-D' | wc -l)" "21 0"
chmod -R a+rX delivered
# bodies DIR: a digest of each body, lines ended in LF
bodies() { find "$1" -type f ! -path '*/.mailmill/*' | while read -r f; do sed 's/\r$//' "$f" | sed '1,/^$/d' | sha256sum; done | sort -u; }
is "with the bodies that were signed" "$(bodies delivered)" "$(bodies signed)"
is "to whom the header tells" "$(sed -n 's/^Envelope-to: //p' delivered/* | sort | uniq -c | sed 's/^ *//' | paste -sd ' ')" \
    "1 one@example.org 19 reader@example.org 1 two@example.org"
check "and every signature passes" $verify --require pass -o rows.ndjson delivered
is "of all of them" "$(wc -l <rows.ndjson)" 21
sed 's|^\.\.\.two|..two|' out.bsmtp >unstuffed.bsmtp
rm -rf delivered/*
unshare -m sh as-exim.sh -odi -bS <unstuffed.bsmtp >/dev/null 2>&1
ok "a dot that is not doubled is noticed" $([ "$(bodies delivered)" != "$(bodies signed)" ]; echo $?)
plan
