package analytics

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// LogFilter says which requests to tell of.
type LogFilter struct {
	From, To   time.Time // To itself is left out
	Statuses   []int     // one of them; none: all
	Methods    []string
	Text       string // stands somewhere in the address, the body or the answer
	Descending bool   // the latest first
}

// The limits of a question for requests.
const (
	MaxLogValues = 50  // of statuses and of methods
	MaxLogText   = 128 // characters
)

// Logged is a request as it was kept.
type Logged struct {
	At          time.Time
	Method      string
	Status      int
	Path, Agent string
	Request     string // empty for those who may not read everything
	Response    string
}

// Logs gives requests made of an engine, in the order of time, and how many there are. It needs analytics.read. Bodies
// hold what is in documents, synonyms and settings: they are for those who may read all of these.
func (s *Store) Logs(ctx context.Context, who audit.Who, in permission.Target, engine string, f LogFilter, p Page) (list []Logged, total int64, err error) {
	id, err := s.find(ctx, who, permission.AnalyticsRead, in, engine)
	if err != nil {
		return nil, 0, err
	}
	if err := p.check(); err != nil {
		return nil, 0, err
	}
	if f.From.After(f.To) {
		return nil, 0, errBackwards
	}
	if len(f.Statuses) > MaxLogValues || len(f.Methods) > MaxLogValues || len([]rune(f.Text)) > MaxLogText {
		return nil, 0, fault.New(fault.Invalid, "Filters must have at most 50 values, and query 128 characters")
	}
	held, _ := permission.HeldBy(who.Principal, in)
	q := &question{}
	where := f.where(q, id, held.Contains(permission.Read))
	count, args := "SELECT COUNT(*) FROM api_logs WHERE "+where, slices.Clone(q.args)
	bodies, order := "request, response", "ASC"
	if !held.Contains(permission.Read) {
		bodies = "'', ''"
	}
	if f.Descending {
		order = "DESC"
	}
	rows := fmt.Sprintf("SELECT at, method, status, path, user_agent, %s FROM api_logs WHERE %s ORDER BY at %s, number %s LIMIT %s OFFSET %s",
		bodies, where, order, order, q.arg(p.Limit), q.arg(p.Offset))
	err = s.read(ctx, "list requests", func(ctx context.Context, tx *db.Tx) (err error) {
		if total, err = db.One(ctx, tx, nil, db.Int, count, args...); err != nil {
			return err
		}
		list, err = db.Query(ctx, tx, scanLogged, rows, q.args...)
		return err
	})
	return list, total, err
}

func scanLogged(s db.Scanner) (Logged, error) {
	var l Logged
	var at int64
	err := s.Scan(&at, &l.Method, &l.Status, &l.Path, &l.Agent, &l.Request, &l.Response)
	l.At = time.UnixMilli(at).UTC()
	return l, err
}

func (f LogFilter) where(q *question, engine string, bodies bool) string {
	where := "engine = (SELECT number FROM analytics_engines WHERE id = " + q.arg(engine) + ")" +
		" AND at >= " + q.arg(f.From.UnixMilli()) + " AND at < " + q.arg(f.To.UnixMilli())
	if len(f.Statuses) > 0 {
		where += " AND " + among(q, "status", f.Statuses)
	}
	if len(f.Methods) > 0 {
		where += " AND " + among(q, "method", f.Methods)
	}
	if f.Text == "" {
		return where
	}
	like := q.arg("%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(f.Text)) + "%")
	columns := []string{"path"}
	if bodies {
		columns = []string{"path", "request", "response"}
	}
	for i, c := range columns {
		columns[i] = "lower(" + c + ") LIKE " + like + ` ESCAPE '\'`
	}
	return where + " AND (" + strings.Join(columns, " OR ") + ")"
}
