package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// SynonymSet is words and phrases that mean the same in an engine: a search for one of them finds all of them.
type SynonymSet struct {
	ID        string // 24 hex digits
	Synonyms  []string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// The limits of synonyms.
const (
	MaxSynonymSets = 256 // of an engine
	MaxSynonyms    = 32  // of a set
	MaxSynonym     = 128 // characters
)

var (
	errNoSynonyms   = fault.New(fault.NotFound, "Could not find synonym set.").WithReason(SynonymSetUnknown)
	errManySynonyms = fault.New(fault.Invalid, "An engine can have at most 256 synonym sets.")
)

// The reasons of errors that say that an engine is there, but not what was asked of it.
const (
	SynonymSetUnknown = "synonym_set_unknown"
	CurationUnknown   = "curation_unknown"
)

// checkSynonyms gives the synonyms of a set as they are kept: each with single spaces, and none twice.
func checkSynonyms(given []string) ([]string, error) {
	var list []string
	for _, text := range given {
		text, err := fault.Line("synonyms", strings.Join(strings.Fields(text), " "), MaxSynonym, false)
		switch {
		case err != nil:
			return nil, err
		case len(words(text)) == 0:
			return nil, fault.Field("synonyms", "Synonyms must be words or phrases.")
		case !slices.Contains(list, text):
			list = append(list, text)
		}
	}
	if len(list) < 2 || len(list) > MaxSynonyms {
		return nil, fault.Field("synonyms", "Synonyms must be 2 to 32 different words or phrases.")
	}
	return list, nil
}

const synonymColumns = "SELECT id, synonyms, created_at, updated_at FROM synonym_sets"

func scanSynonyms(s db.Scanner) (SynonymSet, error) {
	var set SynonymSet
	var synonyms string
	var created, updated int64
	if err := s.Scan(&set.ID, &synonyms, &created, &updated); err != nil {
		return SynonymSet{}, err
	}
	set.CreatedAt, set.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return set, json.Unmarshal([]byte(synonyms), &set.Synonyms)
}

func findSynonyms(ctx context.Context, tx *db.Tx, e Engine, id string) (SynonymSet, error) {
	return db.One(ctx, tx, errNoSynonyms, scanSynonyms, synonymColumns+" WHERE id = $1 AND engine_id = $2", id, e.ID)
}

// ListSynonyms gives limit of the synonym sets of an engine after the first offset, the oldest first, and how many
// there are. It needs synonyms.read.
func (s *Store) ListSynonyms(ctx context.Context, who audit.Who, in permission.Target, name string, offset, limit int) ([]SynonymSet, int64, error) {
	e, err := s.find(ctx, who, permission.SynonymsRead, in, name)
	if err != nil {
		return nil, 0, err
	}
	var list []SynonymSet
	var total int64
	err = s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if total, err = countSynonyms(ctx, tx, e); err != nil {
			return err
		}
		list, err = db.Query(ctx, tx, scanSynonyms, synonymColumns+`
			WHERE engine_id = $1
			ORDER BY created_at, id
			LIMIT $2 OFFSET $3`, e.ID, limit, offset)
		return err
	})
	return list, total, wrap("list synonyms", err)
}

func countSynonyms(ctx context.Context, tx *db.Tx, e Engine) (int64, error) {
	return db.One(ctx, tx, nil, db.Int, "SELECT COUNT(*) FROM synonym_sets WHERE engine_id = $1", e.ID)
}

// GetSynonyms gives one synonym set of an engine. It needs synonyms.read.
func (s *Store) GetSynonyms(ctx context.Context, who audit.Who, in permission.Target, name, id string) (SynonymSet, error) {
	e, err := s.find(ctx, who, permission.SynonymsRead, in, name)
	if err != nil {
		return SynonymSet{}, err
	}
	var set SynonymSet
	err = s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		set, err = findSynonyms(ctx, tx, e, id)
		return err
	})
	return set, wrap("get synonyms", err)
}

// CreateSynonyms adds a synonym set to an engine. It needs synonyms.modify.
func (s *Store) CreateSynonyms(ctx context.Context, who audit.Who, in permission.Target, name string, synonyms []string) (SynonymSet, error) {
	set := SynonymSet{ID: newHexID()}
	err := s.changing(ctx, who, permission.SynonymsModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) (err error) {
		if set.Synonyms, err = checkSynonyms(synonyms); err != nil {
			return err
		}
		n, err := countSynonyms(ctx, tx, e)
		if err == nil && n >= MaxSynonymSets {
			err = errManySynonyms
		}
		if err != nil {
			return err
		}
		set.CreatedAt, set.UpdatedAt = tx.Now, tx.Now
		if _, err := db.Exec(ctx, tx, `
			INSERT INTO synonym_sets (id, engine_id, synonyms, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $4)`, set.ID, e.ID, texts(set.Synonyms), tx.NowMillis()); err != nil {
			return err
		}
		if err := indexSynonyms(ctx, tx, e, set); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, synonymEvent(audit.SynonymSetCreate, in, e, set, SynonymSet{}))
	})
	if err != nil {
		return SynonymSet{}, wrap("create synonyms", err)
	}
	return set, nil
}

// UpdateSynonyms replaces the synonyms of a set. It needs synonyms.modify.
func (s *Store) UpdateSynonyms(ctx context.Context, who audit.Who, in permission.Target, name, id string, synonyms []string) (SynonymSet, error) {
	var set SynonymSet
	err := s.changing(ctx, who, permission.SynonymsModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) error {
		before, err := findSynonyms(ctx, tx, e, id)
		if err != nil {
			return err
		}
		set = before
		if set.Synonyms, err = checkSynonyms(synonyms); err != nil {
			return err
		}
		set.UpdatedAt = tx.Now
		if _, err := db.Exec(ctx, tx, "UPDATE synonym_sets SET synonyms = $1, updated_at = $2 WHERE id = $3",
			texts(set.Synonyms), tx.NowMillis(), set.ID); err != nil {
			return err
		}
		if err := indexSynonyms(ctx, tx, e, set); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, synonymEvent(audit.SynonymSetUpdate, in, e, set, before))
	})
	if err != nil {
		return SynonymSet{}, wrap("update synonyms", err)
	}
	return set, nil
}

// indexSynonyms notes the words by which searches find a set.
func indexSynonyms(ctx context.Context, tx *db.Tx, e Engine, set SynonymSet) error {
	if _, err := db.Exec(ctx, tx, "DELETE FROM synonym_words WHERE set_id = $1", set.ID); err != nil {
		return err
	}
	for _, p := range phrasesOf(set.Synonyms, e.Language) {
		if _, err := db.Exec(ctx, tx, `
			INSERT INTO synonym_words (engine_id, word, set_id)
			VALUES ($1, $2, $3)
			ON CONFLICT DO NOTHING`, e.ID, p.tokens[0].form, set.ID); err != nil {
			return err
		}
	}
	return nil
}

// DeleteSynonyms removes a synonym set. It needs synonyms.modify.
func (s *Store) DeleteSynonyms(ctx context.Context, who audit.Who, in permission.Target, name, id string) error {
	err := s.changing(ctx, who, permission.SynonymsModify, in, name, func(ctx context.Context, tx *db.Tx, e Engine) error {
		set, err := findSynonyms(ctx, tx, e, id)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, "DELETE FROM synonym_sets WHERE id = $1", set.ID); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, synonymEvent(audit.SynonymSetDelete, in, e, SynonymSet{ID: set.ID}, set))
	})
	return wrap("delete synonyms", err)
}

func synonymEvent(do audit.Action, in permission.Target, e Engine, after, before SynonymSet) audit.Event {
	shown := after.Synonyms
	if shown == nil {
		shown = before.Synonyms
	}
	return audit.Event{
		Action: do, Organization: in.Organization, Project: in.Project, SubjectID: after.ID,
		SubjectLabel: e.Name + "/" + said(shown, maxLabel),
		Changes:      audit.Diff("synonyms", said(before.Synonyms, maxChange), said(after.Synonyms, maxChange)),
	}
}

// So many bytes of a list stand in the history: as the name of what was changed, and as what changed.
const (
	maxLabel  = 60
	maxChange = 500
)

// said writes a list for the history.
func said(list []string, most int) string {
	text := strings.Join(list, ", ")
	if short := cut(text, most); short != text {
		return short + "…"
	}
	return text
}

// texts writes a list as it is kept, an empty one too.
func texts(list []string) string {
	if list == nil {
		list = []string{}
	}
	b, _ := json.Marshal(list) // cannot fail: texts alone
	return string(b)
}
