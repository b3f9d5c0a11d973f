package analytics

import (
	"context"
	"errors"

	"latchkey/db"
)

// How many rows are written in one transaction. Those of the log are large.
const (
	slice    = 300
	logSlice = 50
)

// Flush writes what has come since the last one. What could not be written is kept for the next.
func (s *Store) Flush(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	b := s.pending
	if b.empty() {
		s.mu.Unlock()
		return nil
	}
	s.pending = newBatch()
	s.mu.Unlock()
	err := errors.Join(s.flushCounts(ctx, b), s.flushRequests(ctx, b))
	if !b.empty() {
		s.mu.Lock()
		defer s.mu.Unlock()
		b.add(s.pending)
		s.pending = b
	}
	return err
}

// flushCounts writes searches and clicks and takes what was written out of the batch.
func (s *Store) flushCounts(ctx context.Context, b *batch) error {
	for len(b.searches)+len(b.clicks) > 0 {
		var searches []searchKey
		var clicks []clickKey
		for k := range b.searches {
			if searches = append(searches, k); len(searches) == slice {
				break
			}
		}
		for k := range b.clicks {
			if len(searches)+len(clicks) == slice {
				break
			}
			clicks = append(clicks, k)
		}
		err := s.engines.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			w := newWriter(ctx, tx)
			for _, k := range searches {
				if err := w.search(k, b.searches[k]); err != nil {
					return err
				}
			}
			for _, k := range clicks {
				if err := w.click(k, b.clicks[k]); err != nil {
					return err
				}
			}
			return w.saveDays()
		})
		if err != nil {
			return wrap("write analytics", err)
		}
		for _, k := range searches {
			delete(b.searches, k)
		}
		for _, k := range clicks {
			delete(b.clicks, k)
		}
	}
	return nil
}

// flushRequests writes requests and takes what was written out of the batch.
func (s *Store) flushRequests(ctx context.Context, b *batch) error {
	known, err := s.locate(ctx, b.of)
	if err != nil {
		return err
	}
	for len(b.requests) > 0 {
		part := b.requests[:min(logSlice, len(b.requests))]
		var rows []logRow
		for _, r := range part {
			// An engine that was made later under the same name is another one.
			if e, there := known[r.place]; there && r.at.UnixMilli() >= e.createdAt {
				rows = append(rows, r.row(e.id))
			}
		}
		err := s.engines.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			w := newWriter(ctx, tx)
			for _, r := range rows {
				if err := w.log(r); err != nil {
					return err
				}
			}
			return errors.Join(w.trimLogs(), w.saveDays())
		})
		if err != nil {
			return wrap("write log of requests", err)
		}
		for _, r := range part {
			b.of[r.place]--
		}
		b.requests = b.requests[len(part):]
	}
	return nil
}

// located is what is known of an engine named by a request.
type located struct {
	id        string
	createdAt int64
}

// locate finds the engines of requests. Those that are gone are left out.
func (s *Store) locate(ctx context.Context, places map[place]int) (map[place]located, error) {
	known := map[place]located{}
	if len(places) == 0 {
		return known, nil
	}
	err := s.core.Read(context.WithoutCancel(ctx), func(ctx context.Context, tx *db.Tx) error {
		for p := range places {
			e, err := db.One(ctx, tx, errNotFound, func(s db.Scanner) (e located, err error) {
				err = s.Scan(&e.id, &e.createdAt)
				return e, err
			}, "SELECT id, created_at FROM engines WHERE project_id = $1 AND name = $2", p.project, p.engine)
			switch {
			case err == nil:
				known[p] = e
			case !errors.Is(err, errNotFound):
				return err
			}
		}
		return nil
	})
	return known, wrap("find engines of requests", err)
}
