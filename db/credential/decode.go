package credential

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Decoded is what a signed search key says, and what is true of it.
type Decoded struct {
	Header, Claims  []byte // JSON, as it stands in it; nil of what is no token at all
	Plain           bool   // its header says HS256 and nothing that would change how it is read
	Reason          Reason // why it is refused; "" while it counts
	Verified        bool   // Parent's holder has made it, as its signature tells
	Parent          Key    // the key that it was signed with or, if that cannot be told, the one that it names; may be zero
	Name            string // by which it names its parent
	Options         map[string]json.RawMessage
	Issued, Expires time.Time // zero where it does not say
}

// Decode tells what a signed search key says and whether it is alive in a project. It is looked at and forgotten. Keys of
// other projects are as unknown as missing ones. It needs api_keys.read.
func (s *Store) Decode(ctx context.Context, who audit.Who, place permission.Target, raw string) (Decoded, error) {
	if err := authorize(who, permission.APIKeysRead, place); err != nil {
		return Decoded{}, err
	}
	d := readParts(raw)
	proof := s.CheckSigned(raw, place.Project)
	d.Reason, d.Verified = proof.Reason, proof.KeyID != ""
	err := s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		switch {
		case d.Verified:
			d.Parent, err = findKey(ctx, tx, place.Project, proof.KeyID)
		case d.Name != "":
			// What could verify it is destroyed with a key: all that is left is whom it names.
			d.Parent, err = db.One(ctx, tx, errNoKey, scanRow, selectKey+`
				WHERE k.project_id = $1 AND (k.name = $2 OR k.id = $2)
				ORDER BY k.revoked, k.revoked_at DESC NULLS LAST, k.id
				LIMIT 1`, place.Project, d.Name)
		}
		return err
	})
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return d, err
}

// readParts takes a token apart as far as it goes.
func readParts(raw string) Decoded {
	var d Decoded
	parts := strings.Split(raw, ".")
	if len(raw) > MaxSigned || len(parts) != 3 {
		return d
	}
	header, err1 := base64.RawURLEncoding.Strict().DecodeString(parts[0])
	claims, err2 := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	if err1 != nil || err2 != nil {
		return d
	}
	members, err1 := object(header)
	options, err2 := object(claims)
	if err1 != nil || err2 != nil {
		return d
	}
	d.Header, d.Claims, d.Plain, d.Options = header, claims, plainHeader(members), options
	d.Name, _ = parentName(options)
	d.Issued, d.Expires = dateOf(options["iat"]), dateOf(options["exp"])
	for _, name := range reserved {
		delete(options, name)
	}
	return d
}

// lastDate is the latest moment in seconds that is told as a date: the end of the year 9999.
const lastDate = 253402300799

// dateOf reads a moment of a token; what is none gives the zero time.
func dateOf(raw json.RawMessage) time.Time {
	var seconds *float64
	if json.Unmarshal(raw, &seconds) != nil || seconds == nil || *seconds < 0 || *seconds > lastDate {
		return time.Time{}
	}
	return time.Unix(int64(*seconds), 0).UTC()
}
