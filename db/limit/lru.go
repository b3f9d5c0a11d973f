package limit

import "container/list"

// LRU is a map of bounded size: when it is full, what was used least recently is dropped. It is not safe for concurrent
// use.
type LRU[K comparable, V any] struct {
	size  int
	at    map[K]*list.Element
	order *list.List // the latest first
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

// NewLRU makes a map for at most size entries.
func NewLRU[K comparable, V any](size int) *LRU[K, V] {
	return &LRU[K, V]{size: size, at: map[K]*list.Element{}, order: list.New()}
}

// Get gives a value, which counts as a use.
func (l *LRU[K, V]) Get(key K) (value V, ok bool) {
	e, ok := l.at[key]
	if !ok {
		return value, false
	}
	l.order.MoveToFront(e)
	return e.Value.(*pair[K, V]).value, true
}

// Put sets a value.
func (l *LRU[K, V]) Put(key K, value V) {
	if e, ok := l.at[key]; ok {
		e.Value.(*pair[K, V]).value = value
		l.order.MoveToFront(e)
		return
	}
	l.at[key] = l.order.PushFront(&pair[K, V]{key, value})
	if len(l.at) > l.size {
		l.drop(l.order.Back())
	}
}

// Delete drops the entries that a condition fits.
func (l *LRU[K, V]) Delete(fits func(K, V) bool) {
	for e := l.order.Front(); e != nil; {
		next := e.Next()
		if p := e.Value.(*pair[K, V]); fits(p.key, p.value) {
			l.drop(e)
		}
		e = next
	}
}

// Len is the number of entries.
func (l *LRU[K, V]) Len() int { return len(l.at) }

func (l *LRU[K, V]) drop(e *list.Element) {
	l.order.Remove(e)
	delete(l.at, e.Value.(*pair[K, V]).key)
}
