package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/limit"
	"latchkey/db/permission"
	"latchkey/db/secret"
)

// Limits of what is remembered of passwords.
const (
	// rememberRight is how long a password that was right need not be hashed again, where it comes with every request.
	rememberRight = 5 * time.Minute
	// trustRight is how long it is not counted as a guess when it is.
	trustRight   = time.Hour
	keptRight    = 1 << 12
	keptWrong    = 1 << 14
	noteUseAfter = 24 * time.Hour
)

// digest stands for a password of an account under its present epoch, from one network: an HMAC under a key that is made
// at start-up and kept nowhere. That the network is in it keeps one client from finding out, by how quickly it is
// refused, what another has tried.
type digest [sha256.Size]byte

// proofs remembers which passwords were right or wrong, and lets equal attempts that come at once take turns: a program
// that begins with twenty requests, or repeats a wrong password a thousand times, costs one hash.
type proofs struct {
	key []byte

	mu     sync.Mutex
	right  *limit.LRU[digest, proof]
	wrong  *limit.LRU[digest, struct{}]
	flying map[digest]chan struct{}
}

type proof struct {
	user string
	at   time.Time
}

func newProofs() *proofs {
	p := &proofs{key: make([]byte, 32), flying: map[digest]chan struct{}{},
		right: limit.NewLRU[digest, proof](keptRight), wrong: limit.NewLRU[digest, struct{}](keptWrong)}
	rand.Read(p.key) //nolint:errcheck // never fails: it ends the program instead
	return p
}

// digest gives the sum of an attempt. Every part has its length before it, so that no two attempts look alike.
func (p *proofs) digest(u User, email string, network netip.Prefix, password secret.Secret) digest {
	h := hmac.New(sha256.New, p.key)
	for _, part := range []string{u.ID, email, network.String(), password.Reveal()} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write([]byte(part))
	}
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(u.Epoch)))
	return digest(h.Sum(nil))
}

// turn waits until no equal attempt is under way, and gives the function that lets the next one come.
func (p *proofs) turn(ctx context.Context, d digest) (func(), error) {
	for {
		p.mu.Lock()
		before, flying := p.flying[d]
		if !flying {
			done := make(chan struct{})
			p.flying[d] = done
			p.mu.Unlock()
			return func() {
				p.mu.Lock()
				delete(p.flying, d)
				p.mu.Unlock()
				close(done)
			}, nil
		}
		p.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return nil, errBusy.WithCause(ctx.Err())
		}
	}
}

// known tells what is remembered: whether the password was right, how long ago, and whether it was wrong.
func (p *proofs) known(d digest, now time.Time) (right bool, age time.Duration, wrong bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, right := p.right.Get(d)
	_, wrong = p.wrong.Get(d)
	return right && now.Sub(r.at) < trustRight, now.Sub(r.at), wrong
}

func (p *proofs) remember(d digest, user string, right bool, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if right {
		p.right.Put(d, proof{user, now})
	} else {
		p.wrong.Put(d, struct{}{})
	}
}

// forget drops what is remembered of a user's password. What is left behind would count for nothing anyway, because the
// user's epoch is in it.
func (p *proofs) forget(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.right.Delete(func(_ digest, r proof) bool { return r.user == user })
}

// PrincipalByPassword gives the user of an address and a password with their present roles, for programs that send both
// with every request. It notes no sign-in but the first of a day; of the password it remembers a digest, for a while.
func (s *Store) PrincipalByPassword(ctx context.Context, who audit.Who, address string, password secret.Secret) (permission.Principal, User, error) {
	u, rehashed, hashed, err := s.prove(ctx, who, address, password, true)
	if err != nil {
		return permission.Principal{}, User{}, err
	}
	if hashed {
		if err := s.noteUse(ctx, who, u, rehashed); err != nil {
			return permission.Principal{}, User{}, err
		}
	}
	p, u, err := s.Principal(ctx, permission.User, u.ID, u.Epoch)
	if fault.Is(err, fault.Unauthenticated) {
		err = errLogin.WithCause(err)
	}
	return p, u, err
}

// noteUse is noteLogin unless the user signed in from the same address within a day.
func (s *Store) noteUse(ctx context.Context, who audit.Who, u User, rehashed string) error {
	var recent int64
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		recent, err = db.One(ctx, tx, nil, db.Int, `
			SELECT COUNT(*) FROM logins WHERE user_id = $1 AND outcome = 'done' AND address = $2 AND at > $3`,
			u.ID, who.Address, tx.Now.Add(-noteUseAfter).UnixMilli())
		return err
	})
	if err != nil || recent > 0 && rehashed == "" {
		return err
	}
	_, err = s.noteLogin(ctx, who, u, rehashed)
	return err
}

// attempt is somebody's try to prove who they are.
type attempt struct {
	who      audit.Who
	user     User // the zero User where there is none
	email    string
	password secret.Secret
	network  netip.Prefix
	known    bool // the user has signed in from this network before
	digest   digest
}

// prove checks an address and a password under the limits. Every failure looks and takes the same. A right password that
// is remembered is not hashed again where remember says so; hashed tells whether it was.
func (s *Store) prove(ctx context.Context, who audit.Who, address string, password secret.Secret, remember bool) (u User, rehashed string, hashed bool, err error) {
	a, err := s.attempt(ctx, who, address, password)
	if err != nil {
		return User{}, "", false, err
	}
	next, err := s.proofs.turn(ctx, a.digest)
	if err != nil {
		return User{}, "", false, err
	}
	defer next()
	right, age, wrong := s.proofs.known(a.digest, s.db.Now())
	switch {
	case wrong:
		s.failures.note(s.db.Now(), who, a.user.ID, LoginFailed)
		return User{}, "", false, errLogin
	case right && remember && age < rememberRight && a.user.DisabledAt.IsZero():
		return a.user, "", false, nil
	case right:
		rehashed, err = s.hashed(ctx, a, nil, remember)
		return a.user, rehashed, true, err
	}
	turn, err := s.limits.Enter(a.network, a.account())
	if err != nil {
		return User{}, "", false, err
	}
	defer turn.Dropped()
	rehashed, err = s.hashed(ctx, a, turn, remember)
	return a.user, rehashed, true, err
}

// attempt finds out whose password is tried.
func (s *Store) attempt(ctx context.Context, who audit.Who, address string, password secret.Secret) (attempt, error) {
	a := attempt{who: who, network: limit.Network(who.Address)}
	email, emailErr := Email(address)
	prepared, ok := preparePassword(password)
	if emailErr == nil && ok {
		a.email, a.password = email, prepared
		var places []string
		err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			if a.user, err = findUser(ctx, tx, "email", email); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			places, err = db.Query(ctx, tx, db.String, `
				SELECT DISTINCT address FROM logins WHERE user_id = $1 AND outcome = 'done'`, a.user.ID)
			return err
		})
		if err != nil {
			return attempt{}, err
		}
		for _, place := range places {
			a.known = a.known || limit.Network(place) == a.network
		}
	}
	a.digest = s.proofs.digest(a.user, a.email, a.network, a.password)
	return a, nil
}

// account is what the attempt counts against.
func (a attempt) account() limit.Account {
	switch {
	case a.user.ID == "":
		name := sha256.Sum256([]byte(a.email))
		return limit.Account{Place: string(name[:16])}
	case a.known:
		return limit.Account{User: a.user.ID, Place: a.network.String()}
	}
	return limit.Account{User: a.user.ID}
}

// hashed compares the hash and ends the turn. It gives a stronger hash where the present one is weak.
func (s *Store) hashed(ctx context.Context, a attempt, turn *limit.Turn, remember bool) (rehashed string, err error) {
	fits, weak, err := s.hasher.Verify(ctx, a.user.hash, a.password)
	if err != nil {
		return "", err
	}
	if outcome := a.outcome(fits); outcome != LoginDone {
		// A disabled user is counted like a wrong password, or the wait would tell that it was right.
		s.failures.note(s.db.Now(), a.who, a.user.ID, outcome)
		s.proofs.remember(a.digest, a.user.ID, false, s.db.Now())
		if turn != nil {
			turn.Failed()
		}
		return "", errLogin
	}
	if turn != nil {
		turn.Done()
	}
	if remember {
		s.proofs.remember(a.digest, a.user.ID, true, s.db.Now())
	}
	if weak {
		return s.hasher.Hash(ctx, a.password)
	}
	return "", nil
}

func (a attempt) outcome(fits bool) Outcome {
	switch {
	case !fits:
		return LoginFailed
	case !a.user.DisabledAt.IsZero():
		return LoginRefused
	}
	return LoginDone
}
