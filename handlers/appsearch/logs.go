package appsearch

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/analytics"
	"latchkey/web"
)

const logsSize = 10 // rows on one page, if nothing is said

// logsAnswer is a page of the log of an engine.
//
//	{"results":[{"timestamp":"…","request_body":"{}","full_request_path":"…","user_agent":"…","response_body":"…",
//	"http_method":"POST","status":200,"path":null}],"meta":{"query":"","filters":{"date":{"from":"…","to":"…"}},
//	"sort_direction":"asc","page":{"current":1,"total_pages":9,"total_results":83,"size":10}}}
type logsAnswer struct {
	Results []logWire `json:"results"`
	Meta    logsMeta  `json:"meta"`
}

type logWire struct {
	Timestamp string  `json:"timestamp"`
	Request   string  `json:"request_body"`
	FullPath  string  `json:"full_request_path"`
	Agent     string  `json:"user_agent"`
	Response  string  `json:"response_body"`
	Method    string  `json:"http_method"`
	Status    int     `json:"status"`
	Path      *string `json:"path"` // always null, as recorded
}

type logsMeta struct {
	Query         string   `json:"query"`
	Filters       object   `json:"filters"`
	SortDirection string   `json:"sort_direction"`
	Page          pageWire `json:"page"`
}

func (d *dialect) apiLogs(c echo.Context) error {
	a := asking(c)
	asked, err := readLogs(c)
	if err != nil {
		return err
	}
	list, total, err := d.Analytics.Logs(c.Request().Context(), a.who, a.in(), web.Param(c, "engine"), asked.filter, asked.page.rows())
	if err != nil {
		return err
	}
	out := logsAnswer{make([]logWire, len(list)), asked.meta(c, total)}
	for i, l := range list {
		out.Results[i] = logWire{
			Timestamp: l.At.Format(time.RFC3339), Request: l.Request, FullPath: l.Path, Agent: l.Agent, Response: l.Response,
			Method: l.Method, Status: l.Status,
		}
	}
	return answer(c, out)
}

// logsAsked is a question for requests, and what the answer repeats of it.
type logsAsked struct {
	filter  analytics.LogFilter
	page    page
	filters object
}

// meta repeats the question, without what may be secret in it.
func (l logsAsked) meta(c echo.Context, total int64) logsMeta {
	m := logsMeta{Query: hiding(c).Text(l.filter.Text), Filters: l.filters, SortDirection: "asc", Page: l.page.wire(total)}
	if l.filter.Descending {
		m.SortDirection = "desc"
	}
	return m
}

func readLogs(c echo.Context) (l logsAsked, err error) {
	params, err := readOnly(c, "filters", "query", "sort_direction", "page")
	if err != nil {
		return l, err
	}
	if err := l.readFilters(params.values["filters"]); err != nil {
		return l, err
	}
	if l.filter.Text, err = params.plain("query"); err != nil {
		return l, err
	}
	direction, err := params.plain("sort_direction")
	switch l.filter.Descending = strings.EqualFold(direction, "desc"); {
	case err != nil:
		return l, err
	case direction != "" && !l.filter.Descending && !strings.EqualFold(direction, "asc"):
		return l, invalid("Sort direction must be asc or desc")
	}
	l.page, err = params.listPage(logsSize)
	return l, err
}

// readFilters reads which requests are asked for. Both ends of the time must be given.
//
//	{"date":{"from":"2020-10-01T00:00:00+00:00","to":"2020-11-05T00:00:00+00:00"},"status":"200","method":"POST"}
func (l *logsAsked) readFilters(v any) error {
	members, ok := objectOf(v)
	if v != nil && !ok {
		return errFilters
	}
	dates, _ := objectOf(members["date"])
	for _, name := range []string{"from", "to"} {
		if dates[name] == nil {
			return missing("filters[date][" + name + "]")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := l.readFilter(name, members[name]); err != nil {
			return err
		}
	}
	return nil
}

func (l *logsAsked) readFilter(name string, v any) (err error) {
	switch name {
	case "date":
		dates, _ := objectOf(v)
		l.filters = append(l.filters, member{name, object{{"from", dates["from"]}, {"to", dates["to"]}}})
		l.filter.From, l.filter.To, err = readDates(v)
		return err
	case "status":
		for _, v := range oneOrMore(v) {
			status, ok := wholeOf(v)
			if !ok || status < 100 || status > 599 {
				return invalid("Filters status must be between 100 and 599")
			}
			l.filter.Statuses = append(l.filter.Statuses, status)
		}
		l.filters = append(l.filters, member{name, v})
		return nil
	case "method":
		for _, v := range oneOrMore(v) {
			text, _ := v.(string)
			if text = strings.ToUpper(text); !slices.Contains(methods, text) {
				return invalid("Filters method must be one of " + strings.Join(methods, ", "))
			}
			l.filter.Methods = append(l.filter.Methods, text)
		}
		l.filters = append(l.filters, member{name, v})
		return nil
	}
	return invalidKey("Filters", name)
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// oneOrMore takes a value for a list of it.
func oneOrMore(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}
