// Asks a kube-apiserver what it says to each case of cases.json, and writes answers.json.
//
//	go run xtask/tests/oracle/schemas/main.go -etcd PATH -apiserver PATH -dir xtask/tests/oracle/schemas CRD...
//
// It starts both programs in a folder of its own, on free ports of loopback, and ends them. Only the standard library is needed.
package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

type testCase struct {
	Name   string         `json:"name"`
	Object map[string]any `json:"object"`
}

type answer struct {
	Status  int      `json:"status"`
	Reason  string   `json:"reason,omitempty"`
	Fields  []string `json:"fields,omitempty"`
	Message string   `json:"message,omitempty"`
}

func check(err error) {
	if err != nil {
		log.Panic(err)
	}
}

func port() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	defer l.Close()
	_, p, err := net.SplitHostPort(l.Addr().String())
	check(err)
	return p
}

func start(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	if os.Getenv("VERBOSE") != "" {
		cmd.Stderr = os.Stderr
	}
	check(cmd.Start())
	return cmd
}

var client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
var server string

func call(method, path string, body any) (int, map[string]any, error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		check(err)
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, server+path, in)
	check(err)
	req.Header.Set("Authorization", "Bearer recorder")
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	var out map[string]any
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, err
	}
	_ = json.Unmarshal(b, &out)
	return res.StatusCode, out, nil
}

// The collection of an object's kind.
func path(object map[string]any) (string, error) {
	version, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	base := "/apis/" + version
	if !strings.Contains(version, "/") {
		base = "/api/" + version
	}
	status, list, err := call("GET", base, nil)
	if err != nil || status != 200 {
		return "", fmt.Errorf("no %s: %d %w", version, status, errors.Join(err))
	}
	for _, r := range list["resources"].([]any) {
		r := r.(map[string]any)
		if r["kind"] == kind && !strings.Contains(r["name"].(string), "/") {
			if r["namespaced"] == true {
				base += "/namespaces/default"
			}
			return base + "/" + r["name"].(string), nil
		}
	}
	return "", fmt.Errorf("%s has no %s", version, kind)
}

func ask(c testCase) answer {
	at, err := path(c.Object)
	if err != nil {
		return answer{Status: 404, Message: err.Error()}
	}
	status, out, err := call("POST", at+"?dryRun=All&fieldValidation=Strict", c.Object)
	check(err)
	a := answer{Status: status}
	if status >= 400 {
		a.Reason, _ = out["reason"].(string)
		a.Message, _ = out["message"].(string)
		if details, ok := out["details"].(map[string]any); ok {
			causes, _ := details["causes"].([]any)
			for _, cause := range causes {
				field, _ := cause.(map[string]any)["field"].(string)
				a.Fields = append(a.Fields, field)
			}
		}
	}
	return a
}

func main() {
	etcd := flag.String("etcd", "etcd", "")
	apiserver := flag.String("apiserver", "kube-apiserver", "")
	dir := flag.String("dir", ".", "where cases.json lies")
	flag.Parse()

	var cases []testCase
	b, err := os.ReadFile(filepath.Join(*dir, "cases.json"))
	check(err)
	check(json.Unmarshal(b, &cases))

	tmp, err := os.MkdirTemp("", "schemas-oracle")
	check(err)
	defer os.RemoveAll(tmp)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(err)
	keyFile := filepath.Join(tmp, "sa.key")
	check(os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600))
	tokens := filepath.Join(tmp, "tokens")
	check(os.WriteFile(tokens, []byte("recorder,recorder,recorder,system:masters\n"), 0o600))

	client1, peer, secure := port(), port(), port()
	etcdURL, peerURL := "http://127.0.0.1:"+client1, "http://127.0.0.1:"+peer
	e := start(*etcd, "--data-dir", filepath.Join(tmp, "etcd"), "--listen-client-urls", etcdURL, "--advertise-client-urls", etcdURL,
		"--listen-peer-urls", peerURL, "--initial-advertise-peer-urls", peerURL, "--initial-cluster", "default="+peerURL, "--unsafe-no-fsync")
	defer func() { e.Process.Kill(); e.Wait() }()
	a := start(*apiserver, "--etcd-servers", etcdURL, "--secure-port", secure, "--bind-address", "127.0.0.1", "--cert-dir", filepath.Join(tmp, "certs"),
		"--service-account-issuer", "https://recorder", "--service-account-key-file", keyFile, "--service-account-signing-key-file", keyFile,
		"--token-auth-file", tokens, "--authorization-mode", "AlwaysAllow", "--disable-admission-plugins", "ServiceAccount",
		"--service-cluster-ip-range", "10.96.0.0/16")
	defer func() { a.Process.Signal(os.Interrupt); time.AfterFunc(20*time.Second, func() { a.Process.Kill() }); a.Wait() }()
	server = "https://127.0.0.1:" + secure

	until("the API server", func() bool {
		status, _, err := call("GET", "/readyz", nil)
		if err != nil || status != 200 {
			return false
		}
		status, _, err = call("GET", "/api/v1/namespaces/default", nil)
		return err == nil && status == 200
	})
	_, version, err := call("GET", "/version", nil)
	check(err)
	var crds []map[string]any
	for _, file := range flag.Args() {
		b, err := os.ReadFile(file)
		check(err)
		var crd map[string]any
		check(json.Unmarshal(b, &crd))
		status, out, err := call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
		check(err)
		if status != 201 {
			log.Panic(file, out["message"])
		}
		crds = append(crds, crd)
	}
	for _, crd := range crds {
		name := crd["metadata"].(map[string]any)["name"].(string)
		until(name, func() bool {
			_, out, err := call("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"+name, nil)
			b, _ := json.Marshal(out["status"])
			return err == nil && strings.Contains(string(b), `"status":"True","type":"Established"`)
		})
	}
	time.Sleep(3 * time.Second) // what an established kind answers at first is 404
	answers := map[string]answer{}
	for _, c := range cases {
		answers[c.Name] = ask(c)
	}
	out, err := json.MarshalIndent(map[string]any{"kubernetes": version["gitVersion"], "answers": answers}, "", "  ")
	check(err)
	check(os.WriteFile(filepath.Join(*dir, "answers.json"), append(out, '\n'), 0o644))
	fmt.Println(len(cases), "cases asked")
}

func until(what string, done func() bool) {
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		if done() {
			return
		}
	}
	log.Panic("waited in vain for ", what)
}
