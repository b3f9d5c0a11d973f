package ui

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestTheAxisEndsAtARoundNumberThatHoldsEveryBar(t *testing.T) {
	for highest, want := range map[int64]int64{0: 3, 1: 3, 3: 3, 10: 12, 46_000: 60_000, 100: 120, 999: 1_200} {
		if got := scale(highest); got != want {
			t.Errorf("scale(%d) = %d, want %d", highest, got, want)
		}
	}
	for _, n := range []int64{4, 5, 7, 11, 29, 31, 61, 91, 12_345, 999_999, 1 << 40} {
		if top := scale(n); top < n || top%3 != 0 || top > 2*n+3 {
			t.Errorf("scale(%d) = %d", n, top)
		}
	}
}

func TestBarsStayInsideTheChart(t *testing.T) {
	for name, bars := range map[string][]Bar{
		"none": nil, "one": {{Label: "a", Accepted: 1}}, "only refused": {{Rejected: 7}, {}},
		"much": {{Accepted: 1 << 50, Rejected: 1 << 50}, {Accepted: 1}, {Rejected: 1}},
	} {
		shapes, top := layout(bars)
		if top <= 0 || len(shapes) != len(bars) {
			t.Errorf("%s: top %d, %d shapes", name, top, len(shapes))
		}
		for _, s := range shapes {
			for _, v := range []string{s.x, s.width, s.okY, s.okHeight, s.noY, s.noHeight} {
				f, err := strconv.ParseFloat(v, 64)
				if err != nil || math.IsNaN(f) || f < 0 || f > chartWidth {
					t.Errorf("%s: %q", name, v)
				}
			}
		}
	}
	shapes, _ := layout([]Bar{{Accepted: 1000, Rejected: 3}, {Accepted: 100, Rejected: 3}})
	if shapes[0].hasNo || !shapes[1].hasNo {
		t.Error("less than one refusal in a hundred should not be drawn, and more should")
	}
}

func TestASparklineOfNothingIsFlat(t *testing.T) {
	line, _, y := spark([]int{0, 0, 0})
	if line != "M0 20L42 20L84 20" || y != "20" || !silent([]int{0}) || silent([]int{0, 1}) {
		t.Errorf("%q %q", line, y)
	}
	if line, _, _ := spark([]int{-5}); line != "M0 20" {
		t.Errorf("%q", line)
	}
}

func TestAFieldIsDescribedByItsHintAndMessage(t *testing.T) {
	var b strings.Builder
	f := FieldProps{Name: "n", Label: "L", Hint: "H", Error: "E", Type: "password", Value: "secret"}
	if err := Field(f).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`for="n"`, `aria-describedby="n-hint n-error"`, `aria-invalid="true"`, `id="n-hint"`, `id="n-error"`, `required`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "secret") {
		t.Error("a password is sent back")
	}
}

func TestTheSummaryCounts(t *testing.T) {
	if summary(2) != "Two things to fix" || summary(9) != "9 things to fix" {
		t.Error(summary(2), summary(9))
	}
	if shown, more := first([]string{"a", "b", "c"}, 2); len(shown) != 2 || more != 1 {
		t.Error(shown, more)
	}
}
