package engine

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"latchkey/db"
	"latchkey/db/audit"
	"latchkey/db/fault"
	"latchkey/db/permission"
)

// Create makes an engine without fields and documents. It needs indices.modify, and for a meta engine what AddSources
// needs. A name that the project has already is a Conflict.
func (s *Store) Create(ctx context.Context, who audit.Who, in permission.Target, n New) (Engine, error) {
	if err := authorizeNew(who, in, n.Name); err != nil {
		return Engine{}, err
	}
	if err := n.check(); err != nil {
		return Engine{}, err
	}
	sources, err := askForSources(who, in, n.Sources)
	if err != nil {
		return Engine{}, err
	}
	e := Engine{ID: uuid.NewString(), ProjectID: in.Project, Name: n.Name, Language: n.Language, Meta: n.Meta, CreatedBy: who.ID}
	err = s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		e.CreatedAt, e.UpdatedAt = tx.Now, tx.Now
		if err := insertEngine(ctx, tx, in, e); err != nil {
			return err
		}
		changes := audit.Diff("language", "", e.Language)
		if e.Meta {
			if e.Sources, err = link(ctx, tx, in, e, sources); err != nil {
				return err
			}
			changes = audit.Diff("source_engines", "", sourceNames(e.Sources))
		}
		return s.log.Append(ctx, tx, who, event(audit.EngineCreate, in, e, changes...))
	})
	if err != nil {
		return Engine{}, wrap("create engine", err)
	}
	return s.counted(ctx, e)
}

// insertEngine takes the project from its table, together with its organization: a permission.Target whose project belongs to
// another organization finds nothing.
func insertEngine(ctx context.Context, tx *db.Tx, in permission.Target, e Engine) error {
	n, err := db.Exec(ctx, tx, `
		INSERT INTO engines (id, project_id, name, language, created_by, created_at, updated_at, meta)
		SELECT $1, p.id, $2, $3, $4, $5, $5, $8
		FROM projects p
		WHERE p.id = $6 AND p.organization_id = $7`,
		e.ID, e.Name, e.Language, e.CreatedBy, tx.NowMillis(), in.Project, in.Organization, e.Meta)
	switch {
	case db.IsUnique(err):
		return &fault.Error{
			Kind: fault.Conflict, Message: "Name is already taken", Fields: map[string]string{"name": "Name is already taken"},
		}
	case err == nil && n == 0:
		return errNotFound
	}
	return err
}

func event(do audit.Action, in permission.Target, e Engine, changes ...audit.Change) audit.Event {
	return audit.Event{
		Action: do, Organization: in.Organization, Project: in.Project, SubjectID: e.ID, SubjectLabel: e.Name, Changes: changes,
	}
}

const engineColumns = `
	SELECT e.id, e.project_id, e.name, e.language, e.created_by, e.created_at, e.updated_at, e.meta, p.organization_id
	FROM engines e
	JOIN projects p ON p.id = e.project_id`

type located struct {
	Engine
	organization string
}

func scanEngine(s db.Scanner) (located, error) {
	var e located
	var created, updated int64
	err := s.Scan(&e.ID, &e.ProjectID, &e.Name, &e.Language, &e.CreatedBy, &created, &updated, &e.Meta, &e.organization)
	e.CreatedAt, e.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return e, err
}

func findEngine(ctx context.Context, tx *db.Tx, in permission.Target, name string) (Engine, error) {
	e, err := db.One(ctx, tx, errNotFound, scanEngine, engineColumns+`
		WHERE e.project_id = $1 AND e.name = $2 AND p.organization_id = $3`, in.Project, name, in.Organization)
	if err == nil && e.Meta {
		e.Sources, err = sourcesOf(ctx, tx, e.ID)
	}
	return e.Engine, err
}

// find decides and then looks an engine up, without its count of documents.
func (s *Store) find(ctx context.Context, who audit.Who, do permission.Permission, in permission.Target, name string) (Engine, error) {
	if err := authorize(who, do, in, name); err != nil {
		return Engine{}, err
	}
	var e Engine
	err := s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		e, err = findEngine(ctx, tx, in, name)
		return err
	})
	if err != nil {
		return Engine{}, wrap("find engine", err)
	}
	return e, nil
}

// List gives the engines of a project that are in the asker's scope, by name. It needs indices.read.
func (s *Store) List(ctx context.Context, who audit.Who, in permission.Target) ([]Engine, error) {
	list, err := s.named(ctx, who, in, "")
	if err != nil {
		return nil, err
	}
	return list, s.fillCounts(ctx, list)
}

// named gives the engines with a text in their name, without what the engines database knows.
func (s *Store) named(ctx context.Context, who audit.Who, in permission.Target, text string) ([]Engine, error) {
	if err := authorize(who, permission.IndicesRead, in, ""); err != nil {
		return nil, err
	}
	like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(text)) + "%"
	var rows []located
	var sources map[string][]SourceEngine
	err := s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		rows, err = db.Query(ctx, tx, scanEngine, engineColumns+`
			WHERE e.project_id = $1 AND p.organization_id = $2 AND e.name LIKE $3 ESCAPE '\'
			ORDER BY e.name`, in.Project, in.Organization, like)
		if err == nil {
			sources, err = sourcesIn(ctx, tx, in.Project)
		}
		return err
	})
	if err != nil {
		return nil, wrap("list engines", err)
	}
	list := make([]Engine, 0, len(rows))
	for _, e := range rows {
		if authorize(who, permission.IndicesRead, in, e.Name) == nil {
			e.Sources = sources[e.ID]
			list = append(list, e.Engine)
		}
	}
	return list, nil
}

// Part is a part of a list of engines.
type Part struct {
	Engines []Engine
	Total   int // that have the text in their name
}

// Find gives the engines in the asker's scope with a text in their name, by name: limit of them after the first offset.
// It needs indices.read.
func (s *Store) Find(ctx context.Context, who audit.Who, in permission.Target, text string, offset, limit int) (Part, error) {
	list, err := s.named(ctx, who, in, text)
	if err != nil {
		return Part{}, err
	}
	from := min(max(offset, 0), len(list))
	part := Part{Engines: list[from:min(from+max(limit, 0), len(list))], Total: len(list)}
	return part, s.fillCounts(ctx, part.Engines)
}

// Sum is all engines of a project together.
type Sum struct{ Engines, Documents int64 }

// Sum counts the engines of a project that are in the asker's scope, and their documents, each once: those of a meta engine
// are those of its sources. It needs indices.read.
func (s *Store) Sum(ctx context.Context, who audit.Who, in permission.Target) (Sum, error) {
	list, err := s.List(ctx, who, in)
	sum := Sum{Engines: int64(len(list))}
	for _, e := range list {
		if !e.Meta {
			sum.Documents += e.Documents
		}
	}
	return sum, err
}

// Get gives one engine. It needs indices.read.
func (s *Store) Get(ctx context.Context, who audit.Who, in permission.Target, name string) (Engine, error) {
	e, err := s.find(ctx, who, permission.IndicesRead, in, name)
	if err != nil {
		return Engine{}, err
	}
	return s.counted(ctx, e)
}

// counted gives an engine with what the engines database knows of it.
func (s *Store) counted(ctx context.Context, e Engine) (Engine, error) {
	one := []Engine{e}
	err := s.fillCounts(ctx, one)
	return one[0], err
}

// Locate finds an engine by its id alone and tells where it is. It checks no permission: what it gives is for the next
// question, never for an answer. An id that does not exist is NotFound.
func (s *Store) Locate(ctx context.Context, id string) (Engine, permission.Target, error) {
	var e located
	err := s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		e, err = locate(ctx, tx, id)
		return err
	})
	if err != nil {
		return Engine{}, permission.Target{}, wrap("locate engine", err)
	}
	return e.Engine, permission.Target{Organization: e.organization, Project: e.ProjectID}, nil
}

func locate(ctx context.Context, tx *db.Tx, id string) (located, error) {
	e, err := db.One(ctx, tx, errNotFound, scanEngine, engineColumns+" WHERE e.id = $1", id)
	if err == nil && e.Meta {
		e.Sources, err = sourcesOf(ctx, tx, e.ID)
	}
	return e, err
}

// Names gives the names of all engines of a project by their ids. It checks no permission: it is for callers who were
// already authorised for the project's keys, whose scopes name engines, and for nothing else.
func (s *Store) Names(ctx context.Context, projectID string) (map[string]string, error) {
	names := map[string]string{}
	err := s.core.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := db.Query(ctx, tx, func(s db.Scanner) (struct{}, error) {
			var id, name string
			err := s.Scan(&id, &name)
			names[id] = name
			return struct{}{}, err
		}, "SELECT id, name FROM engines WHERE project_id = $1", projectID)
		return err
	})
	return names, wrap("name engines", err)
}

// Delete removes an engine with its search queries and all of its documents, and from the meta engines that it is a
// source of. It needs indices.modify. The engine is gone at once; Run frees its storage afterwards. The sources of a meta
// engine stay.
func (s *Store) Delete(ctx context.Context, who audit.Who, in permission.Target, name string) error {
	if err := authorize(who, permission.IndicesModify, in, name); err != nil {
		return err
	}
	err := s.log.Write(ctx, who, func(ctx context.Context, tx *db.Tx) error {
		e, err := findEngine(ctx, tx, in, name)
		if err != nil {
			return err
		}
		if err := s.unlinkEverywhere(ctx, tx, who, in, e); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, "DELETE FROM engines WHERE id = $1", e.ID); err != nil {
			return err
		}
		return s.log.Append(ctx, tx, who, event(audit.EngineDelete, in, e))
	})
	if err != nil {
		return wrap("delete engine", err)
	}
	s.freeing.ring()
	return nil
}
