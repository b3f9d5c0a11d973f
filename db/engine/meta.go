package engine

import (
	"context"
	"slices"
	"strings"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// SourceEngine is one of the engines that a meta engine searches. It is kept by its id: an engine that is made later
// under the name of a deleted one is not it.
type SourceEngine struct{ ID, Name, Language string }

func sourceNames(list []SourceEngine) string {
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = e.Name
	}
	return strings.Join(names, ", ")
}

var (
	errNoMeta  = fault.New(fault.Invalid, "Only a meta engine has source engines")
	errSources = fault.New(fault.Invalid, "A meta engine can have at most 15 source engines")
)

// AddSources lets a meta engine search more engines, and gives it as it is then. Those it searches already stay as they
// are. It needs indices.modify, and for each source the rights that whoever may search the meta engine gets through it:
// indices.read, documents.read and search.read. A source that the asker may not read is answered like a missing one.
func (s *Store) AddSources(ctx context.Context, who audit.Who, in permission.Target, name string, sources []string) (Engine, error) {
	if err := authorize(who, permission.IndicesModify, in, name); err != nil {
		return Engine{}, err
	}
	wanted, err := askForSources(who, in, sources)
	if err != nil {
		return Engine{}, err
	}
	return s.changeSources(ctx, who, in, name, func(ctx context.Context, tx *db.Tx, e Engine) ([]SourceEngine, error) {
		return link(ctx, tx, in, e, wanted)
	})
}

// RemoveSources keeps a meta engine from searching some of its engines, and gives it as it is then. Afterwards it may have
// none. It needs indices.modify.
func (s *Store) RemoveSources(ctx context.Context, who audit.Who, in permission.Target, name string, sources []string) (Engine, error) {
	if err := authorize(who, permission.IndicesModify, in, name); err != nil {
		return Engine{}, err
	}
	return s.changeSources(ctx, who, in, name, func(ctx context.Context, tx *db.Tx, e Engine) ([]SourceEngine, error) {
		return unlink(ctx, tx, e, sources)
	})
}

// SetSources is AddSources and RemoveSources in one: the meta engine searches the given engines and no others. Those it
// searches already may stay whoever asks.
func (s *Store) SetSources(ctx context.Context, who audit.Who, in permission.Target, name string, sources []string) (Engine, error) {
	if err := authorize(who, permission.IndicesModify, in, name); err != nil {
		return Engine{}, err
	}
	return s.changeSources(ctx, who, in, name, func(ctx context.Context, tx *db.Tx, e Engine) ([]SourceEngine, error) {
		var gone, fresh []string
		for _, have := range e.Sources {
			if !slices.Contains(sources, have.Name) {
				gone = append(gone, have.Name)
			}
		}
		for _, name := range sources {
			if !slices.ContainsFunc(e.Sources, func(have SourceEngine) bool { return have.Name == name }) {
				fresh = append(fresh, name)
			}
		}
		wanted, err := askForSources(who, in, fresh)
		if err != nil {
			return nil, err
		}
		if e.Sources, err = unlink(ctx, tx, e, gone); err != nil {
			return nil, err
		}
		return link(ctx, tx, in, e, wanted)
	})
}

// changeSources runs one change of the sources of a meta engine, with its event.
func (s *Store) changeSources(ctx context.Context, who audit.Who, in permission.Target, name string,
	change func(ctx context.Context, tx *db.Tx, e Engine) ([]SourceEngine, error)) (Engine, error) {
	var e Engine
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) (err error) {
		if e, err = findEngine(ctx, tx, in, name); err != nil {
			return err
		}
		if !e.Meta {
			return errNoMeta
		}
		before := sourceNames(e.Sources)
		if e.Sources, err = change(ctx, tx, e); err != nil {
			return err
		}
		return s.noteSources(ctx, tx, who, in, e, before)
	})
	if err != nil {
		return Engine{}, wrap("change source engines", err)
	}
	return s.counted(ctx, e)
}

// noteSources writes down that a meta engine has other sources than before, if it has.
func (s *Store) noteSources(ctx context.Context, tx *db.Tx, who audit.Who, in permission.Target, e Engine, before string) error {
	changes := audit.Diff("source_engines", before, sourceNames(e.Sources))
	if len(changes) == 0 {
		return nil
	}
	if _, err := db.Exec(ctx, tx, "UPDATE engines SET updated_at = $1 WHERE id = $2", tx.NowMillis(), e.ID); err != nil {
		return err
	}
	return s.log.Append(ctx, tx, who, event(audit.EngineUpdate, in, e, changes...))
}

// wantedSources are engines that somebody names as sources: those they may read, and all as they were asked for.
type wantedSources struct{ readable, asked []string }

// lends are the rights to the documents of its sources that a right to a meta engine brings with it.
var lends = [...]permission.Permission{permission.IndicesRead, permission.DocumentsRead, permission.SearchRead}

// askForSources decides which engines somebody may name as sources. It looks nothing up.
func askForSources(who audit.Who, in permission.Target, names []string) (wantedSources, error) {
	var w wantedSources
	for _, name := range names {
		if slices.Contains(w.asked, name) {
			continue
		}
		w.asked = append(w.asked, name)
		in.Engine = name
		decision := permission.Allow
		for _, p := range lends {
			decision = min(decision, permission.Decide(who.Principal, p, in))
		}
		switch decision {
		case permission.Allow:
			w.readable = append(w.readable, name)
		case permission.Forbid:
			return w, errForbidden // whether there is such an engine or not
		}
	}
	if len(w.asked) > MaxSources {
		return w, errSources
	}
	return w, nil
}

// link gives a meta engine more sources, and tells which it has then.
func link(ctx context.Context, tx *db.Tx, in permission.Target, e Engine, wanted wantedSources) ([]SourceEngine, error) {
	list := slices.Clone(e.Sources)
	place, err := db.One(ctx, tx, nil, db.Int, "SELECT COALESCE(MAX(place), 0) FROM engine_sources WHERE meta_id = $1", e.ID)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, name := range wanted.asked {
		source, err := findEngine(ctx, tx, in, name)
		switch {
		case fault.Is(err, fault.NotFound), err == nil && !slices.Contains(wanted.readable, name):
			missing = append(missing, cut(name, MaxName))
			continue
		case err != nil:
			return nil, err
		case source.Meta:
			return nil, sourceFault("A meta engine cannot be a source engine: " + source.Name)
		}
		if slices.ContainsFunc(list, func(have SourceEngine) bool { return have.ID == source.ID }) {
			continue
		}
		list = append(list, SourceEngine{source.ID, source.Name, source.Language})
		place++
		if _, err := db.Exec(ctx, tx, `
			INSERT INTO engine_sources (meta_id, source_id, place)
			VALUES ($1, $2, $3)`, e.ID, source.ID, place); err != nil {
			return nil, err
		}
	}
	if len(missing) > 0 {
		return nil, errMissing(missing)
	}
	if len(list) > MaxSources {
		return nil, errSources
	}
	return list, nil
}

// unlink takes sources from a meta engine, and tells which it has then. What is no source of it is answered like what does
// not exist.
func unlink(ctx context.Context, tx *db.Tx, e Engine, names []string) ([]SourceEngine, error) {
	list := slices.Clone(e.Sources)
	var missing []string
	for _, name := range names {
		is := func(have SourceEngine) bool { return have.Name == name }
		if !slices.ContainsFunc(e.Sources, is) {
			missing = append(missing, cut(name, MaxName))
			continue
		}
		list = slices.DeleteFunc(list, is)
		if _, err := db.Exec(ctx, tx, `
			DELETE FROM engine_sources
			WHERE meta_id = $1 AND source_id IN (SELECT id FROM engines WHERE project_id = $2 AND name = $3)`,
			e.ID, e.ProjectID, name); err != nil {
			return nil, err
		}
	}
	if len(missing) > 0 {
		return nil, errMissing(missing)
	}
	return list, nil
}

func errMissing(names []string) error {
	return sourceFault("Could not find source engines: " + strings.Join(names, ", "))
}

func sourceFault(message string) error { return fault.Field("source", message) }

// unlinkEverywhere takes an engine that is about to be deleted from the meta engines that search it.
func (s *Store) unlinkEverywhere(ctx context.Context, tx *db.Tx, who audit.Who, in permission.Target, e Engine) error {
	list, err := db.Query(ctx, tx, scanEngine, engineColumns+`
		JOIN engine_sources s ON s.meta_id = e.id
		WHERE s.source_id = $1
		ORDER BY e.name`, e.ID)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.Sources, err = sourcesOf(ctx, tx, m.ID); err != nil {
			return err
		}
		before := sourceNames(m.Sources)
		if m.Sources, err = unlink(ctx, tx, m.Engine, []string{e.Name}); err != nil {
			return err
		}
		if err := s.noteSources(ctx, tx, who, in, m.Engine, before); err != nil {
			return err
		}
	}
	return nil
}

// sourcesOf gives the sources of a meta engine.
func sourcesOf(ctx context.Context, tx *db.Tx, id string) ([]SourceEngine, error) {
	return db.Query(ctx, tx, func(s db.Scanner) (SourceEngine, error) {
		var e SourceEngine
		err := s.Scan(&e.ID, &e.Name, &e.Language)
		return e, err
	}, `
		SELECT e.id, e.name, e.language
		FROM engine_sources s
		JOIN engines e ON e.id = s.source_id
		WHERE s.meta_id = $1
		ORDER BY s.place`, id)
}

// sourcesIn gives the sources of all meta engines of a project.
func sourcesIn(ctx context.Context, tx *db.Tx, project string) (map[string][]SourceEngine, error) {
	all := map[string][]SourceEngine{}
	_, err := db.Query(ctx, tx, func(s db.Scanner) (struct{}, error) {
		var meta string
		var e SourceEngine
		err := s.Scan(&meta, &e.ID, &e.Name, &e.Language)
		all[meta] = append(all[meta], e)
		return struct{}{}, err
	}, `
		SELECT s.meta_id, e.id, e.name, e.language
		FROM engines e
		JOIN engine_sources s ON s.source_id = e.id
		WHERE e.project_id = $1
		ORDER BY s.place`, project)
	return all, err
}
