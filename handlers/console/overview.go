package console

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"latchkey/db/audit"
	"latchkey/db/credential"
	"latchkey/db/fault"
	"latchkey/db/permission"
	"latchkey/db/usage"
	"latchkey/views"
	"latchkey/web"
)

// How much stands on the overview, and what counts as many rejected requests in 7 days.
const (
	attentionShown = 5
	changesShown   = 10
	lately         = 7 * 24 * time.Hour
	rejectedMany   = 20
	rejectedShare  = 10 // percent
)

// overview is the first page of a project.
func (s *console) overview(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	p, err := s.page(c, v, views.NavOverview)
	if err != nil {
		return err
	}
	page := views.OverviewPage{Page: p, Addresses: s.addresses(v)}
	var used usage.Summary
	if p.Can.SeeUsage {
		if used, err = s.Usage.OfProject(ctx, v.project.ID); err != nil {
			return err
		}
	}
	for _, fill := range []func(context.Context, *visitor, *views.OverviewPage, usage.Summary) error{
		s.overviewStats, s.overviewSteps, s.overviewAttention, s.overviewChanges,
	} {
		if err := fill(ctx, v, &page, used); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, views.Overview(page))
}

func (s *console) overviewStats(ctx context.Context, v *visitor, page *views.OverviewPage, used usage.Summary) error {
	stats := views.OverviewStats{Requests: used.Month.Accepted, Before: used.Before.Accepted, PerDay: accepted(used.Days)}
	if v.may(permission.APIKeysRead) {
		o, err := s.Credentials.Overview(ctx, v.Who, v.project.Target())
		if err != nil {
			return err
		}
		stats.Active, stats.Attention = int64(o.Active), int64(o.Expiring+o.Unused)
	}
	if v.may(permission.IndicesRead) {
		sum, err := s.Engines.Sum(ctx, v.Who, v.project.Target())
		if err != nil {
			return err
		}
		stats.Engines, stats.Documents = sum.Engines, sum.Documents
	}
	page.Stats = stats
	return nil
}

// overviewSteps are the first things to do, with what is done of them.
func (s *console) overviewSteps(ctx context.Context, v *visitor, page *views.OverviewPage, used usage.Summary) error {
	name := views.FirstEngine
	if v.may(permission.IndicesRead) {
		part, err := s.Engines.Find(ctx, v.Who, v.project.Target(), "", 0, 1)
		if err != nil {
			return err
		}
		if len(part.Engines) > 0 {
			name = part.Engines[0].Name
		}
	}
	scoped := false
	if v.may(permission.APIKeysRead) {
		var err error
		if scoped, err = s.Credentials.Scoped(ctx, v.Who, v.project.Target()); err != nil {
			return err
		}
	}
	example := func(kind views.ExampleKind) views.Example { return views.ExampleFor(kind, s.appSearchAddress(v), name) }
	page.Steps = []views.Step{
		{Kind: views.StepEngine, Done: page.Stats.Engines > 0, Example: example(views.ExampleEngine)},
		{Kind: views.StepDocument, Done: page.Stats.Documents > 0, Example: example(views.ExampleDocument)},
		{Kind: views.StepRequest, Done: used.Month.Accepted+used.Before.Accepted > 0, Example: example(views.ExampleFind)},
		{Kind: views.StepKey, Done: scoped},
	}
	return nil
}

// addresses are what clients are configured with.
func (s *console) addresses(v *visitor) []views.Address {
	return []views.Address{
		{Kind: views.AddressAppSearch, Value: s.appSearchAddress(v) + "/"},
		{Kind: views.AddressLupa, Value: s.lupaAddress()},
		{Kind: views.AddressHost, Value: v.project.HostIdentifier},
		{Kind: views.AddressSlugs, Value: v.organization.Slug + "/" + v.project.Slug},
	}
}

// overviewAttention lists a few keys of each kind that somebody should look at, the most urgent kind first.
func (s *console) overviewAttention(ctx context.Context, v *visitor, page *views.OverviewPage, _ usage.Summary) error {
	if !v.may(permission.APIKeysRead) {
		return nil
	}
	if page.Can.SeeUsage {
		if err := s.deadKeys(ctx, v, page); err != nil {
			return err
		}
		if err := s.refusedKeys(ctx, v, page); err != nil {
			return err
		}
	}
	for _, kind := range []struct {
		name   string
		filter credential.Filter
	}{
		{views.AttentionExpiring, credential.Filter{Status: views.StatusExpiring, Sort: "expires", Limit: attentionShown}},
		{views.AttentionUnused, credential.Filter{Status: views.StatusUnused, Sort: "last_used", Limit: attentionShown}},
	} {
		list, err := s.Credentials.List(ctx, v.Who, v.project.Target(), kind.filter)
		if err != nil {
			return err
		}
		for _, k := range list.Keys {
			if slices.ContainsFunc(page.Attention, func(a views.AttentionItem) bool { return a.ID == k.ID }) {
				continue // for something more urgent
			}
			a := s.attentionTo(v, kind.name, k)
			if a.When = views.Ago(k.Use.At, s.Now()); !k.Use.At.IsZero() {
				a.When.Note = views.Relative(k.Use.At, s.Now())
			}
			if kind.name == views.AttentionExpiring {
				a.When = views.Day(k.ExpiresAt, s.Now())
			}
			page.Attention = append(page.Attention, a)
		}
		if list.Total > len(list.Keys) {
			page.More = append(page.More, views.MoreKeys{Kind: kind.name, Total: int64(list.Total)})
		}
	}
	return nil
}

func (s *console) attentionTo(v *visitor, kind string, k credential.Key) views.AttentionItem {
	return views.AttentionItem{
		Kind: kind, ID: k.ID, Called: calledOf(k), Type: string(k.Type), Visible: k.Visible, Status: statusOf(k, s.Now()),
		CanChange: k.RevokedAt.IsZero() && v.may(permission.APIKeysModify),
	}
}

// deadKeys lists the dead keys that somebody still tried in 7 days, the latest first.
func (s *console) deadKeys(ctx context.Context, v *visitor, page *views.OverviewPage) error {
	list, err := s.Usage.DeadUses(ctx, v.project.ID, s.Now().Add(-lately), attentionShown)
	if err != nil {
		return err
	}
	for _, d := range list {
		k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), d.KeyID)
		if fault.Is(err, fault.NotFound) {
			continue // gone at this moment
		}
		if err != nil {
			return err
		}
		a := s.attentionTo(v, views.AttentionDead, k)
		a.Rejected, a.Address, a.When = d.Count, d.Address, views.Ago(d.At, s.Now())
		a.When.Note = views.Relative(d.At, s.Now())
		page.Attention = append(page.Attention, a)
	}
	return nil
}

// refusedKeys lists the living keys of which a good part of the requests of 7 days was refused.
func (s *console) refusedKeys(ctx context.Context, v *visitor, page *views.OverviewPage) error {
	top, err := s.Usage.TopKeys(ctx, v.project.ID, usage.Range7d, usage.ByRejected, 4*attentionShown)
	if err != nil {
		return err
	}
	shown := 0
	for _, t := range top {
		if shown == attentionShown || t.Rejected < rejectedMany || t.Rejected*100 < t.Sum()*rejectedShare {
			continue
		}
		k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), t.KeyID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if status := k.Status(s.Now()); err != nil || status == credential.Revoked || status == credential.Expired {
			continue
		}
		a := s.attentionTo(v, views.AttentionRejected, k)
		a.Requests, a.Rejected = t.Sum(), t.Rejected
		page.Attention, shown = append(page.Attention, a), shown+1
	}
	return nil
}

// overviewChanges tells what was done last, to those who may read the audit log.
func (s *console) overviewChanges(ctx context.Context, v *visitor, page *views.OverviewPage, _ usage.Summary) error {
	if !page.Can.SeeAudit {
		return nil
	}
	list, err := s.Audit.List(ctx, v.Who, v.project.Target(), audit.Filter{}, audit.Page{Size: changesShown})
	for _, r := range list.Records {
		at := views.Moment(r.At, s.Now())
		at.Title = at.Note
		by := person(r.ActorLabel)
		if by != r.ActorLabel {
			by = strings.ToUpper(by[:1]) + by[1:] // it begins the sentence
		}
		page.Changes = append(page.Changes, views.ChangeItem{Action: string(r.Action), By: by, Object: r.SubjectLabel, At: at})
	}
	return err
}
