package console

import (
	"context"
	"net/http"
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

// topKeys is how many keys the lists of those used most have.
const topKeys = 10

// usage is the page of a project's usage.
func (s *console) usage(c echo.Context) error {
	v, ctx := visitorOf(c), c.Request().Context()
	span := usage.ParseRange(c.QueryParam("range"))
	p, err := s.page(c, v, views.NavUsage)
	if err != nil {
		return err
	}
	series, err := s.Usage.SeriesOfProject(ctx, v.project.ID, span)
	if err != nil {
		return err
	}
	page := views.UsagePage{Page: p, Usage: usageOf(series), Before: series.Before.Accepted, RejectedThen: series.Before.Rejected}
	if v.may(permission.APIKeysRead) {
		if err := s.rankings(ctx, v, span, &page); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, views.ProjectUsage(page))
}

// rankings adds the keys that are used and rejected most, for those who may see keys.
func (s *console) rankings(ctx context.Context, v *visitor, span usage.Range, page *views.UsagePage) error {
	overview, err := s.Credentials.Overview(ctx, v.Who, v.project.Target())
	if err != nil {
		return err
	}
	page.HasKeys = overview.Total > 0
	if page.Top, err = s.ranking(ctx, v, span, usage.ByRequests); err != nil {
		return err
	}
	page.Refused, err = s.ranking(ctx, v, span, usage.ByRejected)
	return err
}

func (s *console) ranking(ctx context.Context, v *visitor, span usage.Range, by usage.Rank) ([]views.UsageKey, error) {
	counts, err := s.Usage.TopKeys(ctx, v.project.ID, span, by, topKeys)
	if err != nil {
		return nil, err
	}
	var list []views.UsageKey
	for _, n := range counts {
		k, err := s.Credentials.Get(ctx, v.Who, v.project.Target(), n.KeyID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		number := n.Accepted
		if by == usage.ByRejected {
			number = n.Rejected
		}
		list = append(list, views.UsageKey{
			ID: k.ID, Name: k.Name, Description: k.Description, Visible: k.Visible, Type: string(k.Type), Status: statusOf(k, s.Now()), Number: number,
		})
	}
	return list, nil
}

// usageOf is a series as pages show it.
func usageOf(series usage.Series) views.Usage {
	u := views.Usage{Range: string(series.Range), Accepted: series.Total.Accepted, Rejected: series.Total.Rejected, Signed: series.Signed}
	for _, p := range series.Points {
		bar := views.UsageBarOf(u.Range, p.Start, p.End)
		bar.Accepted, bar.Rejected = p.Accepted, p.Rejected
		u.Bars = append(u.Bars, bar)
	}
	for _, r := range series.Reasons {
		u.Reasons = append(u.Reasons, views.ReasonRow{Reason: string(r.Reason), Count: r.Count})
	}
	return u
}

// seenOf is what a key was seen with, as pages show it.
func seenOf(known usage.Known, now time.Time) views.Seen {
	list := func(from []usage.Sighting) []views.Sighting {
		all := make([]views.Sighting, len(from))
		for i, g := range from {
			all[i] = views.Sighting{Value: g.Value, Accepted: g.Accepted, Rejected: g.Rejected, Last: views.Ago(g.Last, now)}
		}
		return all
	}
	return views.Seen{
		Addresses: list(known.Addresses), Agents: list(known.Agents), Endpoints: list(known.Endpoints), Full: usage.MaxSeen,
	}
}

func signedOf(known usage.Known, now time.Time) views.SignedUse {
	return views.SignedUse{Tokens: known.Tokens, Many: known.Tokens >= usage.MaxTokens, Last: views.Moment(known.SignedLast, now)}
}

// users are those of a list of sightings that used a key in the last 30 days.
func users(list []usage.Sighting, now time.Time) []string {
	var values []string
	for _, g := range list {
		if g.Accepted > 0 && now.Sub(g.Last) < 30*24*time.Hour {
			values = append(values, g.Value)
		}
	}
	return values
}

// ending is the receipt of a key that is revoked or expired, and nil for any other.
func ending(k credential.Key, known usage.Known, now time.Time) *views.Revocation {
	r := &views.Revocation{SignedTokens: k.Type != "admin"}
	var refused usage.Rejection
	switch k.Status(now) {
	case credential.Revoked:
		r.At, r.By, refused = views.Exact(k.RevokedAt, now), person(k.RevokedBy), known.Rejected(usage.KeyRevoked)
	case credential.Expired:
		r.Expired, r.At, refused = true, views.Exact(k.ExpiresAt, now), known.Rejected(usage.KeyExpired)
	default:
		return nil
	}
	r.Refused, r.LastRefused = refused.Count, views.Exact(refused.At, now)
	r.LastFrom, r.LastAgent, r.LastEndpoint = refused.Address, refused.Agent, refused.Endpoint
	return r
}

// noteworthy is how many requests must have been rejected for one reason to stand in the history of a key. With a dead
// key, or in a place where secrets get lost, one is enough.
const noteworthy = 10

// happening is an event of a key with its moment, to put it in its place.
type happening struct {
	at time.Time
	views.HistoryEvent
}

// happenings are what the use of a key adds to its history.
func happenings(k credential.Key, known usage.Known, now time.Time) []happening {
	var list []happening
	if ended := k.ExpiresAt; !ended.IsZero() && !now.Before(ended) && (k.RevokedAt.IsZero() || ended.Before(k.RevokedAt)) {
		list = append(list, happening{ended, views.HistoryEvent{Event: "expire", At: views.Moment(ended, now)}})
	}
	for _, r := range known.Rejections {
		if r.Count < noteworthy && !r.Reason.Dead() && r.Reason != usage.InURL {
			continue
		}
		e := views.HistoryEvent{Event: "reject", Count: r.Count, Reason: string(r.Reason), Address: r.Address, At: views.Moment(r.At, now)}
		if r.Count > 1 {
			e.First = views.Moment(r.First, now)
		}
		list = append(list, happening{r.At, e})
	}
	return list
}

// recorded is an event of the audit log as the history of a key tells it.
func recorded(r audit.Record, event string, now time.Time) happening {
	e := views.HistoryEvent{Event: event, By: person(r.ActorLabel), Address: r.Address, At: views.Moment(r.At, now)}
	if r.Action == audit.KeyUpdate {
		for _, change := range r.Changes {
			e.Changes = append(e.Changes, views.Change{
				Field: views.ResourceName(change.Field), From: changed(change.Field, change.From), To: changed(change.Field, change.To),
			})
		}
	}
	return happening{r.At, e}
}
