package usage_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"latchkey/db/fault"
	"latchkey/db/secret"
	"latchkey/db/usage"
)

func TestResultsAreCountedByHowTheyEnd(t *testing.T) {
	refused := fault.New(fault.Unauthenticated, "no")
	for _, c := range []struct {
		name string
		err  error
		want usage.Reason
		not  bool // counted at all
	}{
		{name: "done", want: usage.Accepted},
		{name: "wrong input", err: fault.New(fault.Invalid, ""), want: usage.Accepted},
		{name: "a conflict", err: fault.New(fault.Conflict, ""), want: usage.Accepted},
		{name: "too large", err: fault.New(fault.TooLarge, ""), want: usage.Accepted},
		{name: "too many", err: fault.New(fault.TooMany, ""), want: usage.RateLimited},
		{name: "forbidden", err: fault.New(fault.Forbidden, ""), want: usage.NotPermitted},
		{name: "changed on the way", err: fault.New(fault.Forbidden, "").WithReason("changed"), want: usage.Changed},
		{name: "not found", err: fault.New(fault.NotFound, ""), want: usage.NotFound},
		{name: "refused for a reason", err: refused.WithCause(usage.Because(usage.KeyRevoked)), want: usage.KeyRevoked},
		{name: "the same, wrapped", err: fmt.Errorf("search: %w", refused.WithCause(usage.Because(usage.TokenExpired))), want: usage.TokenExpired},
		{name: "refused without one", err: refused, want: usage.Unknown},
		{name: "our failure", err: errors.New("ours"), not: true},
		{name: "not now", err: fault.New(fault.Unavailable, ""), not: true},
		{name: "gone", err: fault.New(fault.Gone, ""), not: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := open(t)
			i.CountResult(request("k1"), c.err)
			i.flush(t)
			sum := i.of(t, "k1")
			switch {
			case c.not && sum.Month != (usage.Totals{}), !c.not && c.want == usage.Accepted && sum.Month != (usage.Totals{Accepted: 1}):
				t.Errorf("counted %+v", sum.Month)
			case !c.not && c.want != usage.Accepted && (sum.Month != (usage.Totals{Rejected: 1}) || sum.Reasons[c.want] != 1):
				t.Errorf("counted %+v because of %v", sum.Month, sum.Reasons)
			}
		})
	}
}

// Whoever holds one key can neither fill the memory nor the tables with it.
func TestHostileClientsStayBounded(t *testing.T) {
	i := open(t)
	n := 0
	for range 3 {
		for range 2000 {
			n++
			i.clock.Add(time.Millisecond)
			i.Count(usage.Request{
				Key: "k1", Address: fmt.Sprintf("2001:db8::%x", n), Agent: fmt.Sprintf("agent %d", n), Method: "GET",
				Route: "/x", Token: usage.TokenOf(fmt.Sprint(n)),
			}, usage.Accepted)
			i.Count(usage.Request{Key: "nosuch", Agent: fmt.Sprint(n)}, usage.NotFound)
		}
		_ = i.Flush(ctx) // complains of the key that there is not
		k := i.known(t, "k1")
		if len(k.Addresses) != usage.MaxSeen || len(k.Agents) != usage.MaxSeen || len(k.Endpoints) != 1 {
			t.Fatalf("%d addresses, %d user agents", len(k.Addresses), len(k.Agents))
		}
		if k.Addresses[0].Value != fmt.Sprintf("2001:db8::%x", n) || k.Agents[usage.MaxSeen-1].Value != fmt.Sprintf("agent %d", n-usage.MaxSeen+1) {
			t.Errorf("not the latest: %+v", k.Addresses[0])
		}
		if size := i.number(t, "SELECT SUM(length(seen)) FROM key_seen"); size > 10_000 {
			t.Errorf("%d bytes", size)
		}
	}
	for range 30 {
		for range 200 {
			n++
			i.Count(usage.Request{Key: "k1", Token: usage.TokenOf(fmt.Sprint(n))}, usage.Accepted)
		}
		i.flush(t)
	}
	if rows := i.number(t, "SELECT COUNT(*) FROM key_tokens"); rows != usage.MaxTokens || i.known(t, "k1").Tokens != usage.MaxTokens {
		t.Errorf("%d signed search keys", rows)
	}
	i.clock.Add(usage.TokensFor + time.Hour)
	i.Count(usage.Request{Key: "k1", Token: usage.TokenOf("later")}, usage.Accepted)
	i.flush(t)
	if got := i.known(t, "k1").Tokens; got != 1 {
		t.Errorf("a month later %d signed search keys", got)
	}
	if rows := i.number(t, "SELECT COUNT(*) FROM key_tokens"); rows != 1 {
		t.Errorf("a month later %d rows", rows)
	}
}

func TestTextFromOutsideIsTidied(t *testing.T) {
	key, token := secret.Mint(secret.Private).Reveal(), "eyJhbGciOiJIUzI1NiJ9.eyJhcGlfa2V5X25hbWUiOiJhIn0.c2ln-bmF0_dXJl"
	for _, c := range []struct{ name, in, want string }{
		{"as it is", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"},
		{"long words stay", "PostmanRuntime/7.36.0 elastic-app-search-javascript/8.9.0", "PostmanRuntime/7.36.0 elastic-app-search-javascript/8.9.0"},
		{"a key", "curl/8 " + key + " x", "curl/8 [hidden] x"},
		{"a key in capitals", strings.ToUpper(key), "[hidden]"},
		{"an old key", "private-q1w2e3r4t5y6u7i8", "[hidden]"},
		{"a key with its mark encoded", strings.Replace(key, "-", "%2D", 1), "[hidden]"},
		{"a key at the cut", strings.Repeat("a ", 98) + "b " + key, strings.Repeat("a ", 98) + "b [h"},
		{"a signed key", "x " + token, "x [hidden]"},
		{"half a signed key", "x " + token[:30], "x [hidden]"},
		{"control characters", "a\r\nb\x00c\x7f", "a  b c "},
		{"not UTF-8", "a\xffb", "ab"},
		{"other writing", "検索", "検索"},
		{"markup, which pages escape", `<script>"'`, `<script>"'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := open(t)
			i.Count(usage.Request{Key: "k1", Agent: c.in, Address: c.in}, usage.Accepted)
			i.Count(usage.Request{Key: "k1", Agent: c.in, Address: c.in}, usage.KeyExpired)
			i.flush(t)
			k := i.known(t, "k1")
			for _, got := range []string{k.Last.Agent, k.Last.Address, k.Agents[0].Value, k.Addresses[0].Value, k.Rejections[0].Agent, k.Rejections[0].Address} {
				if got != c.want || !utf8.ValidString(got) {
					t.Errorf("%q", got)
				}
			}
		})
	}
}
