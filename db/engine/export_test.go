package engine

import (
	"context"
	"errors"

	"latchkey/db"
)

// Tidy does once what Run does again and again, so that tests need not wait for it.
func (s *Store) Tidy(ctx context.Context) error { return errors.Join(s.resume(ctx), s.sweep(ctx)) }

// FreeOnce is one of the transactions in which the storage of a deleted engine is freed.
func (s *Store) FreeOnce(ctx context.Context, number int64) (more bool, err error) {
	err = s.background(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		more, err = freeSome(ctx, tx, storage{number: number})
		return err
	})
	return more, err
}
