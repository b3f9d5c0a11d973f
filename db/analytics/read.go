package analytics

import (
	"context"
	"fmt"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/permission"
)

// TermCount is how often something was searched for and clicked for.
type TermCount struct {
	Term             string
	Searches, Clicks int64
}

// TopTerms gives what was searched for, the most frequent first. A term that was only clicked for stands at the end. It
// needs analytics.read.
func (s *Store) TopTerms(ctx context.Context, who audit.Who, in permission.Target, engine string, f Filter, p Page) ([]TermCount, error) {
	id, err := s.ask(ctx, who, in, engine, &f, p)
	if err != nil {
		return nil, err
	}
	q := &question{}
	having := "TRUE"
	if f.Found != nil {
		having += " AND SUM(searches) > 0"
	}
	if f.Clicked != nil {
		having += map[bool]string{true: " AND SUM(clicks) > 0", false: " AND SUM(clicks) = 0"}[*f.Clicked]
	}
	query := fmt.Sprintf(`
		SELECT term, SUM(searches), SUM(clicks)
		FROM (SELECT term, n AS searches, 0 AS clicks FROM analytics_queries WHERE %s
			UNION ALL SELECT term, 0, n FROM analytics_clicks WHERE %s) AS counted
		GROUP BY term HAVING %s
		ORDER BY SUM(searches) DESC, SUM(clicks) DESC, term
		LIMIT %s OFFSET %s`, f.ofSearches(q, id, true), f.ofClicks(q, id, true), having, q.arg(p.Limit), q.arg(p.Offset))
	var list []TermCount
	err = s.read(ctx, "list terms", func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, func(s db.Scanner) (t TermCount, err error) {
			err = s.Scan(&t.Term, &t.Searches, &t.Clicks)
			return t, err
		}, query, q.args...)
		return err
	})
	return list, err
}

// DocumentCount is how often a document was clicked.
type DocumentCount struct {
	Document string
	Clicks   int64
}

// TopDocuments gives the documents that were clicked, the most frequent first. It needs analytics.read.
func (s *Store) TopDocuments(ctx context.Context, who audit.Who, in permission.Target, engine string, f Filter, p Page) ([]DocumentCount, error) {
	id, err := s.ask(ctx, who, in, engine, &f, p)
	if err != nil {
		return nil, err
	}
	q := &question{}
	query := fmt.Sprintf(`
		SELECT document, SUM(n) FROM analytics_clicks WHERE %s
		GROUP BY document ORDER BY SUM(n) DESC, document
		LIMIT %s OFFSET %s`, f.ofClicks(q, id, true), q.arg(p.Limit), q.arg(p.Offset))
	var list []DocumentCount
	err = s.read(ctx, "list clicks", func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Query(ctx, tx, func(s db.Scanner) (d DocumentCount, err error) {
			err = s.Scan(&d.Document, &d.Clicks)
			return d, err
		}, query, q.args...)
		return err
	})
	return list, err
}

// ask decides, finds the engine and settles the filter.
func (s *Store) ask(ctx context.Context, who audit.Who, in permission.Target, engine string, f *Filter, p Page) (string, error) {
	id, err := s.find(ctx, who, permission.AnalyticsRead, in, engine)
	if err != nil {
		return "", err
	}
	if err := p.check(); err != nil {
		return "", err
	}
	return id, f.settle(s.engines.Now())
}
