package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Segment is one of a few addresses to choose from.
type Segment struct {
	Text, Href string
	Current    bool
}

// Bar is one step of time of a chart.
type Bar struct {
	Label    string // on the axis, where there is room
	Title    string // when pointed at: "9 Nov: 37,717 accepted, 2,600 rejected"
	Accepted int64
	Rejected int64
}

// The chart's own units; the width on the page follows the card.
const (
	chartWidth, chartHeight = 760.0, 210.0
	chartLeft, chartTop     = 44.0, 6.0
	chartBottom             = 184.0
)

type gridLine struct {
	y, textY string
	label    string
	minor    bool
}

type barShape struct {
	bar              Bar
	slotX, slotWidth string
	x, width         string
	okY, okHeight    string
	noY, noHeight    string
	label, labelX    string
	anchor           string
	minor, today     bool
	hasOK, hasNo     bool
}

// scale gives the top of the axis, a round number of three equal steps at or above the highest bar.
func scale(highest int64) int64 {
	if highest <= 3 {
		return 3
	}
	step := float64(highest) / 3
	magnitude := math.Pow(10, math.Floor(math.Log10(step)))
	for _, m := range []float64{1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10} {
		if s := int64(math.Ceil(m * magnitude)); s*3 >= highest {
			return s * 3
		}
	}
	return highest
}

func grid(top int64, label func(int64) string) []gridLine {
	lines := make([]gridLine, 0, 4)
	for i := range int64(4) {
		y := chartBottom - (chartBottom-chartTop)*float64(i)/3
		lines = append(lines, gridLine{y: unit(y), textY: unit(y + 4), label: label(top * i / 3), minor: i == 0})
	}
	return lines
}

// layout places the bars; the rejected part stands on the accepted one with a gap of two units between.
func layout(bars []Bar) (shapes []barShape, top int64) {
	var highest int64
	for _, b := range bars {
		highest = max(highest, b.Accepted+b.Rejected)
	}
	top = scale(highest)
	slot := (chartWidth - chartLeft) / float64(max(1, len(bars)))
	every := max(1, (len(bars)+3)/4)
	for i, b := range bars {
		x := chartLeft + slot*float64(i)
		ok := (chartBottom - chartTop) * float64(b.Accepted) / float64(top)
		no := (chartBottom - chartTop) * float64(b.Rejected) / float64(top)
		if b.Accepted > 0 {
			ok = max(ok, 1.5)
		}
		if notable(b) {
			no = max(no, 2)
		} else {
			no = 0
		}
		gap := 0.0
		if ok > 0 && no > 0 {
			gap = 1.5
		}
		s := barShape{
			bar: b, slotX: unit(x), slotWidth: unit(slot), x: unit(x + slot*0.14), width: unit(slot * 0.72),
			okY: unit(chartBottom - ok), okHeight: unit(ok),
			noY: unit(max(0, chartBottom-ok-gap-no)), noHeight: unit(no),
			labelX: unit(x + slot/2), anchor: "middle", today: i == len(bars)-1, hasOK: ok > 0, hasNo: no > 0,
		}
		switch {
		case i == len(bars)-1:
			s.label, s.labelX, s.anchor = b.Label, unit(chartWidth), "end"
		case i%every == 0 && len(bars)-i > every/2:
			s.label, s.minor = b.Label, (i/every)%2 == 1
		}
		shapes = append(shapes, s)
	}
	return shapes, top
}

// notable reports whether a day's rejected requests are drawn: one in a hundred and more. Fewer would only be noise on
// every bar; the table has them all.
func notable(b Bar) bool { return b.Rejected > 0 && b.Rejected*100 >= b.Accepted }

// spark draws values as a line and the area under it, on a canvas of 84 by 22 units.
func spark(values []int) (line, area, lastY string) {
	const width, high, low = 84.0, 3.0, 20.0
	highest := 1
	for _, v := range values {
		highest = max(highest, v)
	}
	var b strings.Builder
	y := low
	for i, v := range values {
		y = low - (low-high)*float64(max(0, v))/float64(highest)
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		b.WriteString(letter + unit(width*float64(i)/float64(max(1, len(values)-1))) + " " + unit(y))
	}
	return b.String(), b.String() + fmt.Sprintf("L%s 22L0 22Z", unit(width)), unit(y)
}

// settled leaves out the last day while it is below the one before: it is not over yet, and would look like a fall.
func settled(values []int) []int {
	if n := len(values); n > 2 && values[n-1] < values[n-2] {
		return values[:n-1]
	}
	return values
}

// silent reports whether there is nothing to draw but a flat line.
func silent(values []int) bool {
	for _, v := range values {
		if v > 0 {
			return false
		}
	}
	return true
}

func unit(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }
