# hard_bounces.sh - bounces of addresses that are gone, one mailbox among them written in several ways.
# SPDX-License-Identifier: Apache-2.0

# hard_bounces FOLDER: a mail for each
hard_bounces()
{
    local address count=0
    for address in u@d.example u@D.Example u@d.example u@D.EXAMPLE. U@d.example pipe u@xn--bcher-kva.example ü@bücher.example u@BÜCHER.example; do
        count=$((count + 1))
        printf '%s\r\n' "From: MAILER-DAEMON@mx.example" "Date: Fri, 1 Mar 2024 10:00:0$count +0000" "MIME-Version: 1.0" \
            "Message-ID: <$count@mx.example>" "Content-Type: multipart/report; report-type=delivery-status; boundary=b" "" \
            "--b" "Content-Type: message/delivery-status" "" "Reporting-MTA: dns; mx.example" "" \
            "Final-Recipient: rfc822; $address" "Action: failed" "Status: 5.1.1" "Diagnostic-Code: smtp; 550 5.1.1 User unknown" \
            "--b--" >"$1/$count.eml"
    done
}
