package web_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/fault"
	"latchkey/web"
	"latchkey/web/webtest"
)

// No cell may begin with what a spreadsheet takes for a formula, and every other cell stays as it is.
func TestCSVHoldsNoFormula(t *testing.T) {
	formulas := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\ufeff=1", "＝1", "＋1", "－1", "＠x", `=HYPERLINK("http://evil.example","x")`, "=cmd|' /C calc'!A0", " \t=1"}
	plain := []string{"", "Checkout", "a=b", "a,b", `say "x"`, "two\nlines", "'quoted", "1", "ada@example.com", "private-6fK*****0kV", "é"}
	var b strings.Builder
	w := web.NewCSV(&b)
	if err := errors.Join(w.Row(formulas...), w.Row(plain...), w.Flush()); err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(strings.NewReader(b.String()))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%q, %v", rows, err)
	}
	for i, cell := range rows[0] {
		// The reader takes the carriage return before a line feed away, as spreadsheets do.
		if !strings.HasPrefix(cell, "'") {
			t.Errorf("%q is written as %q", formulas[i], cell)
		}
	}
	for i, cell := range rows[1] {
		if cell != plain[i] {
			t.Errorf("%q is written as %q", plain[i], cell)
		}
	}
}

func TestDownload(t *testing.T) {
	refused := fault.New(fault.Forbidden, "Not for you.")
	serve := func(make func(ctx context.Context, w io.Writer) error) *webtest.Server {
		s := web.New(web.Config{Logger: slog.New(slog.DiscardHandler)}, web.Surface{Name: "x", Prefixes: []string{"/"}, Routes: []web.Route{{
			Method: http.MethodGet, Path: "/file", Guard: web.Public("test"),
			Handle: func(c echo.Context) error { return web.Download(c, "a b.csv", "text/csv; charset=utf-8", make) },
		}}})
		return webtest.Start(t, s.Handler())
	}
	whole := serve(func(ctx context.Context, w io.Writer) error {
		if until, ok := ctx.Deadline(); !ok || time.Until(until) < 5*time.Minute {
			t.Error("a download has no more time than other requests")
		}
		for i := range 50_000 {
			if _, err := fmt.Fprintln(w, i); err != nil {
				return err
			}
		}
		return nil
	}).Client().Get("/file")
	if whole.Status != 200 || !strings.HasSuffix(whole.Body, "\n49999\n") || whole.Header.Get("Content-Disposition") != `attachment; filename="a b.csv"` ||
		whole.Header.Get("Cache-Control") != "no-store" || whole.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %v", whole.Status, whole.Header)
	}
	early := serve(func(_ context.Context, w io.Writer) error { fmt.Fprintln(w, "a secret"); return refused }).Client().Get("/file")
	if early.Status != 403 || early.Body != "Not for you.\n" || early.Header.Get("Content-Disposition") != "" {
		t.Errorf("%d %v %q", early.Status, early.Header, early.Body)
	}
	server := serve(func(_ context.Context, w io.Writer) error {
		fmt.Fprint(w, strings.Repeat("x", 1<<20))
		return refused
	})
	resp, err := http.Get(server.URL + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("a download that broke off looks whole")
	}
}
