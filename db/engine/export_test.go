package engine

import (
	"context"
	"errors"
)

// Tidy does once what Run does again and again, so that tests need not wait for it.
func (s *Store) Tidy(ctx context.Context) error { return errors.Join(s.resume(ctx), s.sweep(ctx)) }

// Free frees the storage of a deleted engine and calls a function before each transaction.
func (s *Store) Free(ctx context.Context, id string, before func()) error {
	st, err := s.detach(ctx, id)
	for more := true; more && err == nil; {
		before()
		more, err = s.freeSlice(ctx, st)
	}
	return err
}
