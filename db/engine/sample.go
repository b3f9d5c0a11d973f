package engine

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"

	"latchkey/db/audit"
	"latchkey/db/permission"
)

// SampleName is the name of the sample engine.
const SampleName = "national-parks-demo"

// Visitors are what a recent year brought, rounded; square kilometres are computed from the acres.
//
//go:embed sample/parks.json
var sampleDocuments []byte

// sampleSchema gives the types that are not text.
var sampleSchema = Schema{
	{Name: "title", Type: TypeText},
	{Name: "description", Type: TypeText},
	{Name: "states", Type: TypeText},
	{Name: "location", Type: TypeGeolocation},
	{Name: "acres", Type: TypeNumber},
	{Name: "square_km", Type: TypeNumber},
	{Name: "visitors", Type: TypeNumber},
	{Name: "date_established", Type: TypeDate},
	{Name: "world_heritage_site", Type: TypeText},
	{Name: "nps_link", Type: TypeText},
}

// AddSample makes the sample engine: the 63 national parks of the United States. It needs indices.modify and
// documents.modify. Where the project has it already it is a Conflict.
func (s *Store) AddSample(ctx context.Context, who audit.Who, in permission.Target) error {
	if err := authorize(who, permission.DocumentsModify, in, SampleName); err != nil {
		return err
	}
	if _, err := s.Create(ctx, who, in, New{Name: SampleName, Language: "en"}); err != nil {
		return err
	}
	err := s.fillSample(ctx, who, in)
	if err != nil { // or a second attempt would find the name taken
		return errors.Join(err, s.Delete(context.WithoutCancel(ctx), who, in, SampleName))
	}
	return nil
}

func (s *Store) fillSample(ctx context.Context, who audit.Who, in permission.Target) error {
	if _, err := s.UpdateSchema(ctx, who, in, SampleName, sampleSchema); err != nil {
		return err
	}
	docs, err := readSample()
	if err != nil {
		return err
	}
	results, err := s.Import(ctx, who, in, SampleName, docs)
	if err != nil {
		return err
	}
	for _, r := range results {
		if len(r.Errors) > 0 {
			return fmt.Errorf("sample document %s: %s", r.ID, r.Errors[0])
		}
	}
	return nil
}

func readSample() ([]Source, error) {
	d := json.NewDecoder(bytes.NewReader(sampleDocuments))
	d.UseNumber()
	var docs []Source
	err := d.Decode(&docs)
	return docs, wrap("read sample documents", err)
}
