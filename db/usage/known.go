package usage

import (
	"context"
	"database/sql"
	"time"

	"latchkey/db"
)

// Use is one request as it is remembered.
type Use struct {
	At       time.Time
	Address  string
	Agent    string
	Endpoint string // "POST /api/as/v1/engines/:engine/search"
}

// Rejection is all requests with a key that were ever rejected for one reason. Use is the latest.
type Rejection struct {
	Reason Reason
	Count  int64
	First  time.Time
	Use
}

// Sighting is an address, a user agent or an endpoint that a key was seen with.
type Sighting struct {
	Value       string
	First, Last time.Time
	Totals
}

// Known is what is known about the use of one key.
type Known struct {
	Last       Use         // the latest accepted request; zero At: never
	Rejections []Rejection // the latest first
	Addresses  []Sighting  // the latest MaxSeen, the latest first; so are the next two
	Agents     []Sighting
	Endpoints  []Sighting
	SignedLast time.Time // when a signed search key made with it was last accepted
	Tokens     int64     // such keys seen in the last TokensFor; at MaxTokens there may be more
}

// Rejected gives what is known of the requests rejected for a reason.
func (k Known) Rejected(why Reason) Rejection {
	for _, r := range k.Rejections {
		if r.Reason == why {
			return r
		}
	}
	return Rejection{Reason: why}
}

// KnownOf tells what is known about the use of a key, to the last request. The caller has checked that the asker may see
// it.
func (s *Store) KnownOf(ctx context.Context, keyID string) (Known, error) {
	var k Known
	_ = s.Settle(ctx, keyID) // what cannot be written is kept, and Run tells of it
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, err := db.One(ctx, tx, errNoKey, scanLast, lastUse, keyID)
		if err != nil && err != errNoKey {
			return err
		}
		k.Last, k.SignedLast = last.Use, last.signed
		if k.Rejections, err = db.Query(ctx, tx, scanRejection, `
			SELECT reason, n, first_at, last_at, address, user_agent, endpoint FROM key_rejections
			WHERE key_id = $1 ORDER BY last_at DESC, reason`, keyID); err != nil {
			return err
		}
		if err := k.read(ctx, tx, keyID); err != nil {
			return err
		}
		k.Tokens, err = db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM key_tokens WHERE key_id = $1 AND last_at >= $2",
			keyID, tx.Now.Add(-TokensFor).UnixMilli())
		return err
	})
	return k, err
}

// read reads what the key was seen with.
func (k *Known) read(ctx context.Context, tx *db.Tx, keyID string) error {
	text, err := db.One(ctx, tx, errNoKey, db.String, "SELECT seen FROM key_seen WHERE key_id = $1", keyID)
	if err != nil && err != errNoKey {
		return err
	}
	s, err := parseSeen(text)
	since := tx.Now.Add(-KeepDays)
	k.Addresses, k.Agents, k.Endpoints = s.Addresses.since(since), s.Agents.since(since), s.Endpoints.since(since)
	return err
}

const lastUse = "SELECT used_at, address, user_agent, endpoint, signed_at FROM key_use WHERE key_id = $1"

// last is a row of the last uses.
type last struct {
	Use
	signed time.Time
}

func scanLast(s db.Scanner) (last, error) {
	var l last
	var at, signed sql.NullInt64
	err := s.Scan(&at, &l.Address, &l.Agent, &l.Endpoint, &signed)
	l.At, l.signed = db.Time(at), db.Time(signed)
	return l, err
}

func scanRejection(s db.Scanner) (Rejection, error) {
	var r Rejection
	var first, at sql.NullInt64
	err := s.Scan(&r.Reason, &r.Count, &first, &at, &r.Address, &r.Agent, &r.Endpoint)
	r.First, r.At = db.Time(first), db.Time(at)
	return r, err
}
