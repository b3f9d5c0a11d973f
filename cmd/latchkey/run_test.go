package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// result is what a call of the program gave.
type result struct {
	code           int
	stdout, stderr string
}

// latchkey calls the program with words and standard input.
func latchkey(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), &invocation{args: append([]string{"latchkey"}, args...), stdin: strings.NewReader(stdin), stdout: &stdout, stderr: &stderr})
	return result{code, stdout.String(), stderr.String()}
}

func setUp(t *testing.T, data string) result {
	t.Helper()
	return latchkey(t, string(password)+"\n", "setup", "--data", data, "--email", "ada@example.com", "--password-stdin", "--organization", "Acme GmbH", "--project", "Shop", "--sample")
}

func TestExitCodesAndStreams(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	for _, c := range []struct {
		name string
		args []string
		code int
		want string // on stderr, or on stdout when the code is 0
	}{
		{"version", []string{"version"}, 0, "latchkey "},
		{"help", []string{"help"}, 0, "COMMANDS"},
		{"help of a command", []string{"serve", "--help"}, 0, "LATCHKEY_ADDR"},
		{"nothing said", nil, 2, "say what to do"},
		{"an unknown command", []string{"frobnicate"}, 2, "frobnicate"},
		{"an unknown command of a group", []string{"key", "frobnicate"}, 2, "frobnicate"},
		{"an unknown flag", []string{"serve", "--frobnicate"}, 2, "frobnicate"},
		{"an argument too many", []string{"version", "x"}, 2, "unexpected argument"},
		{"a flag that is missing", []string{"setup", "--data", data}, 2, "email"},
		{"setup without password-stdin", []string{"setup", "--data", data, "--email", "a@example.com", "--organization", "A", "--project", "P"}, 2, "--password-stdin"},
		{"an address without port", []string{"serve", "--data", data, "--addr", "localhost"}, 2, "--addr"},
		{"a URL with a path", []string{"serve", "--data", data, "--url", "http://localhost/x"}, 2, "--url"},
		{"plain http to another machine", []string{"serve", "--data", data, "--url", "http://keys.example.com"}, 2, "--allow-plain-http"},
		{"a proxy that is no network", []string{"serve", "--data", data, "--trusted-proxies", "nginx"}, 2, "--trusted-proxies"},
		{"two ways to name a key", []string{"key", "revoke", "--data", data, "--organization", "a", "--project", "p"}, 2, "--id or --name"},
		{"no data directory", []string{"key", "list", "--data", data, "--organization", "a", "--project", "p"}, 1, "no data directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := latchkey(t, "", c.args...)
			out := r.stderr
			if c.code == 0 {
				out = r.stdout
			}
			if r.code != c.code || !strings.Contains(out, c.want) {
				t.Errorf("exit code %d, stdout %q, stderr %q", r.code, r.stdout, r.stderr)
			}
			if c.code != 0 && r.stdout != "" && c.args != nil {
				t.Errorf("talk on stdout: %q", r.stdout)
			}
		})
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a failed call made a data directory")
	}
}

func TestSetupPrintsWhatScriptsNeed(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	r := setUp(t, data)
	if r.code != 0 {
		t.Fatalf("%+v", r)
	}
	form := regexp.MustCompile(`^\{"organization":"acme-gmbh","project":"shop","hostIdentifier":"host-[a-z0-9]{6}","keys":\{"private-key":"private-[0-9A-Za-z]{49}","search-key":"search-[0-9A-Za-z]{49}"\}\}\n$`)
	if !form.MatchString(r.stdout) {
		t.Errorf("stdout %q", r.stdout)
	}
	again := setUp(t, data)
	if again.code != 1 || again.stdout != "" || !strings.Contains(again.stderr, "set up already") {
		t.Errorf("setup again: %+v", again)
	}
}

func TestSetupReportsAllProblems(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	r := latchkey(t, "short", "setup", "--data", data, "--email", "nobody", "--password-stdin", "--organization", "A", "--project", "P")
	if r.code != 1 || !strings.Contains(r.stderr, "email: ") || !strings.Contains(r.stderr, "password: ") || strings.Contains(r.stderr, "short") {
		t.Errorf("%+v", r)
	}
}

func TestKeysOnTheCommandLine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	setUp(t, data)
	place := []string{"--data", data, "--organization", "acme-gmbh", "--project", "shop"}
	call := func(stdin string, code int, args ...string) string {
		t.Helper()
		r := latchkey(t, stdin, args...)
		if r.code != code {
			t.Fatalf("%v: %+v", args, r)
		}
		return r.stdout
	}
	created := call("", 0, append([]string{"key", "create", "--description", "CI", "--access", "custom", "--permission", "documents.modify", "--engine", "parks", "--expires", "2099-01-31"}, place...)...)
	var k keyResult
	if err := json.Unmarshal([]byte(created), &k); err != nil || k.Key == "" || k.Name != "ci" || k.Status != "active" || k.ExpiresAt.Year() != 2099 {
		t.Fatalf("%s, %v", created, err)
	}
	list := call("", 0, append([]string{"key", "list"}, place...)...)
	if strings.Count(list, "\n") != 3 || strings.Contains(list, k.Key) || !strings.Contains(list, k.VisibleKey) {
		t.Errorf("list %s", list)
	}
	found := call("leaked: "+k.Key+"\n", 0, "key", "identify", "--data", data)
	if !strings.Contains(found, `"known":true`) || !strings.Contains(found, k.ID) || strings.Contains(found, k.Key) {
		t.Errorf("identify %s", found)
	}
	call("", 0, append([]string{"key", "revoke", "--name", "ci"}, place...)...)
	if found = call(k.Key, 0, "key", "identify", "--data", data); !strings.Contains(found, `"status":"revoked"`) {
		t.Errorf("identify after revoking %s", found)
	}
	if r := latchkey(t, "", append([]string{"key", "revoke", "--name", "ci"}, place...)...); r.code != 1 || !strings.Contains(r.stderr, "no such key") {
		t.Errorf("revoke again by name: %+v", r)
	}
	if verified := call("", 0, "audit", "verify", "--data", data); !strings.Contains(verified, `"events":`) {
		t.Errorf("audit verify %s", verified)
	}
}

func TestUsersOnTheCommandLine(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	setUp(t, data)
	const second = "another quiet lighthouse keeper"
	for _, c := range []struct {
		name  string
		stdin string
		args  []string
		code  int
		want  string
	}{
		{"add", second, []string{"user", "add", "--email", "Bob@Example.com", "--password-stdin", "--organization", "acme-gmbh", "--project", "shop", "--project-role", "PROJECT_ADMIN"}, 0, `"email":"bob@example.com"`},
		{"add again", second, []string{"user", "add", "--email", "bob@example.com", "--password-stdin", "--organization", "acme-gmbh"}, 1, "already"},
		{"add to nowhere", second, []string{"user", "add", "--email", "eve@example.com", "--password-stdin", "--organization", "nosuch"}, 1, "no such organization"},
		{"add with an unknown role", second, []string{"user", "add", "--email", "eve@example.com", "--password-stdin", "--organization", "acme-gmbh", "--role", "KING"}, 1, "ORGANIZATION_ADMIN"},
		{"add an admin of the instance", second, []string{"user", "add", "--email", "ops@example.com", "--password-stdin", "--instance-admin"}, 0, `"instanceAdmin":true`},
		{"add to no organization", second, []string{"user", "add", "--email", "eve@example.com", "--password-stdin"}, 2, "--instance-admin"},
		{"reset", second, []string{"user", "reset-password", "--email", "ada@example.com", "--password-stdin"}, 0, "ada@example.com"},
		{"reset of nobody", second, []string{"user", "reset-password", "--email", "eve@example.com", "--password-stdin"}, 1, "no such user"},
		{"disable", "", []string{"user", "disable", "--email", "bob@example.com"}, 0, `"disabled":true`},
		{"disable the last admin", "", []string{"user", "disable", "--email", "ada@example.com"}, 1, "at least one admin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := latchkey(t, c.stdin, append(c.args, "--data", data)...)
			if r.code != c.code || !strings.Contains(r.stdout+r.stderr, c.want) || strings.Contains(r.stdout+r.stderr, second) {
				t.Errorf("%+v", r)
			}
		})
	}
}
