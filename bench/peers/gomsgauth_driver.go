// gomsgauth_driver.go - what signing and verifying a campaign costs with go-msgauth at its best use.
// SPDX-License-Identifier: Apache-2.0
//
// Usage: gomsgauth_driver sign|verify CAMPAIGN MAIL OUT [WORKERS]
//
// As opendkim_driver.c. A goroutine a worker, on as many threads. Private keys are read once, from CAMPAIGN/pkcs1/; records,
// from the lines "name<TAB>TXT record" of CAMPAIGN/records, lie in memory, and the library reads the key in them anew for each
// message: its interface has no other way. It signs all header fields unless told which: those that mailmill signs.
package main

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/emersion/go-msgauth/dkim"
)

type item struct {
	name string
	key  int
}

type job func(it item, data []byte, out *bufio.Writer) error

var signedFields = strings.Split("Date From To Cc Subject Reply-To In-Reply-To References List-Id List-Help "+
	"List-Subscribe List-Unsubscribe List-Unsubscribe-Post List-Post List-Owner List-Archive Feedback-Id "+
	"Resent-Date Resent-From", " ")

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "gomsgauth_driver:", err)
		os.Exit(70)
	}
}

func lines(path string) []string {
	data, err := os.ReadFile(path)
	must(err)
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func readItems(campaign string) []item {
	var items []item
	for _, line := range lines(campaign + "/list") {
		fields := strings.Split(line, "\t")
		key, err := strconv.Atoi(fields[1])
		must(err)
		items = append(items, item{fields[0], key})
	}
	return items
}

func signer(campaign string, items []item) job {
	keys := map[int]crypto.Signer{}
	for _, it := range items {
		if keys[it.key] != nil {
			continue
		}
		data, err := os.ReadFile(fmt.Sprintf("%s/pkcs1/shop%02d.pem", campaign, it.key))
		must(err)
		block, _ := pem.Decode(data)
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		must(err)
		keys[it.key] = key
	}
	return func(it item, data []byte, out *bufio.Writer) error {
		out.WriteString("From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n")
		err := dkim.Sign(out, bytes.NewReader(data), &dkim.SignOptions{
			Domain:                 fmt.Sprintf("shop%02d.example", it.key),
			Selector:               "bench",
			Signer:                 keys[it.key],
			HeaderCanonicalization: dkim.CanonicalizationRelaxed,
			BodyCanonicalization:   dkim.CanonicalizationRelaxed,
			HeaderKeys:             signedFields,
		})
		out.WriteString("\n")
		return err
	}
}

func verifier(campaign string) job {
	records := map[string][]string{}
	for _, line := range lines(campaign + "/records") {
		name, text, _ := strings.Cut(line, "\t")
		records[name] = []string{text}
	}
	options := &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) { return records[name], nil }}
	return func(it item, data []byte, out *bufio.Writer) error {
		found, err := dkim.VerifyWithOptions(bytes.NewReader(data), options)
		if err != nil {
			return err
		}
		result := "pass"
		if found[0].Err != nil {
			result = "fail"
		}
		fmt.Fprintf(out, "{\"message\":%q,\"bytes\":%d,\"result\":%q,\"domain\":%q,\"selector\":\"bench\"}\n",
			it.name, len(data), result, found[0].Domain)
		return nil
	}
}

func work(do job, items []item, mail, path string, worker, workers int) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	must(err)
	out := bufio.NewWriterSize(file, 1<<20)
	for i := worker; i < len(items); i += workers {
		data, err := os.ReadFile(mail + "/" + items[i].name)
		must(err)
		must(do(items[i], data, out))
	}
	must(out.Flush())
	must(file.Close())
}

func usage() (cpu time.Duration, peakBytes int64) {
	var used syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), used.Maxrss * 1024
}

func main() {
	workers := 1
	if len(os.Args) == 6 {
		workers, _ = strconv.Atoi(os.Args[5])
	}
	if len(os.Args) < 5 || workers < 1 || (os.Args[1] != "sign" && os.Args[1] != "verify") {
		fmt.Fprintln(os.Stderr, "usage: gomsgauth_driver sign|verify CAMPAIGN MAIL OUT [WORKERS]")
		os.Exit(64)
	}
	verb, campaign, mail, out := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	items := readItems(campaign)
	do := verifier(campaign)
	if verb == "sign" {
		do = signer(campaign, items)
	}
	runtime.GOMAXPROCS(workers)
	cpu, _ := usage()
	wall := time.Now()
	var group sync.WaitGroup
	for worker := 0; worker < workers; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			work(do, items, mail, fmt.Sprintf("%s.%d", out, worker), worker, workers)
		}(worker)
	}
	group.Wait()
	took := time.Since(wall)
	used, peakBytes := usage()
	fmt.Printf("cpu_s=%.6f wall_s=%.6f peak_bytes=%d messages=%d\n",
		(used - cpu).Seconds(), took.Seconds(), peakBytes, len(items))
}
