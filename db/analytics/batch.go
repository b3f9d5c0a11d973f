package analytics

// batch is what has come since the last flush.
type batch struct {
	searches map[searchKey]int64
	clicks   map[clickKey]int64
	requests []request
	of       map[place]int // requests by engine
}

// searchKey is what is told apart of searches.
type searchKey struct {
	engine string
	hour   int64
	rest   bool // too many of a day: term and tags are left out
	term   string
	tags   string
	found  bool
}

// clickKey is what is told apart of clicks.
type clickKey struct {
	engine   string
	hour     int64
	rest     bool
	term     string
	document string
	tags     string
}

func newBatch() *batch {
	return &batch{searches: map[searchKey]int64{}, clicks: map[clickKey]int64{}, of: map[place]int{}}
}

func (b *batch) empty() bool { return len(b.searches)+len(b.clicks)+len(b.requests) == 0 }

func (b *batch) search(k searchKey, n int64) {
	if _, known := b.searches[k]; !known && len(b.searches) >= MaxWaiting {
		k = k.toRest()
	}
	b.searches[k] += n
}

func (b *batch) click(k clickKey, n int64) {
	if _, known := b.clicks[k]; !known && len(b.clicks) >= MaxWaiting {
		k = k.toRest()
	}
	b.clicks[k] += n
}

func (k searchKey) toRest() searchKey {
	return searchKey{engine: k.engine, hour: k.hour, rest: true, found: k.found}
}

func (k clickKey) toRest() clickKey { return clickKey{engine: k.engine, hour: k.hour, rest: true} }

// place names an engine as requests do.
type place struct{ project, engine string }

// request adds a request where there is room for one more of its engine.
func (b *batch) request(r request) {
	if !b.room(r.place) {
		return
	}
	b.requests = append(b.requests, r)
	b.of[r.place]++
}

func (b *batch) room(p place) bool { return len(b.requests) < MaxPending && b.of[p] < MaxPendingOne }

// add adds what came later.
func (b *batch) add(later *batch) {
	for k, n := range later.searches {
		b.search(k, n)
	}
	for k, n := range later.clicks {
		b.click(k, n)
	}
	for _, r := range later.requests {
		b.request(r)
	}
}
