package db

import (
	"context"
	"testing"
)

// What was counted before usage was kept by day, reason and project is found there afterwards.
func TestUsageIsMigrated(t *testing.T) {
	ctx, d := context.Background(), older(t)
	// Hour 48 begins day 2. The key "dead" was revoked in hour 49.
	if _, err := d.write.Exec(`
		INSERT INTO organizations VALUES ('o', 'o', 'o', 1, 1);
		INSERT INTO projects (id, organization_id, name, slug, host_identifier, created_at, updated_at) VALUES ('p', 'o', 'p', 'p', 'p', 1, 1);
		INSERT INTO keys (id, project_id, name, type, access, all_engines, hash, visible, created_at, created_by, updated_at, search_text)
		VALUES ('live', 'p', 'live', 'search', '', 1, substr('live' || hex(zeroblob(32)), 1, 64), 'v', 1, '', 1, '');
		INSERT INTO keys (id, project_id, name, type, access, all_engines, hash, visible, created_at, created_by, updated_at, search_text, revoked_at, revoked_by)
		VALUES ('dead', 'p', 'dead', 'search', '', 1, substr('dead' || hex(zeroblob(32)), 1, 64), 'v', 1, '', 1, '', 176400001, 'x');
		INSERT INTO key_use VALUES ('live', 5, '192.0.2.1', 'curl');
		INSERT INTO key_hours VALUES ('live', 47, 1, 0), ('live', 48, 2, 4), ('live', 50, 8, 0), ('dead', 49, 16, 32), ('dead', 50, 0, 64)`); err != nil {
		t.Fatal(err)
	}
	if err := Migrate(ctx, d, Core); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int64{
		"SELECT accepted FROM key_days WHERE key_id = 'live' AND day = 1":                                       1,
		"SELECT accepted * 100 + rejected FROM key_days WHERE key_id = 'live' AND day = 2 AND project_id = 'p'": 1004,
		"SELECT accepted * 1000 + rejected FROM project_days WHERE day = 2":                                     26100,
		"SELECT accepted * 100 + rejected FROM project_hours WHERE hour = 50":                                   864,
		"SELECT n FROM key_rejections WHERE key_id = 'dead' AND reason = 'key_revoked'":                         64,
		"SELECT n FROM key_rejections WHERE key_id = 'dead' AND reason = 'unknown'":                             32,
		"SELECT n FROM key_hour_reasons WHERE key_id = 'live' AND hour = 48 AND reason = 'unknown'":             4,
		"SELECT n FROM project_day_reasons WHERE day = 2 AND reason = 'unknown'":                                36,
		"SELECT n FROM project_hour_reasons WHERE hour = 50 AND reason = 'key_revoked'":                         64,
		"SELECT n FROM key_day_reasons WHERE key_id = 'dead' AND day = 2 AND reason = 'key_revoked'":            64,
		"SELECT COUNT(*) FROM key_use WHERE key_id = 'live' AND endpoint = '' AND signed_at IS NULL":            1,
		"SELECT SUM(accepted) FROM key_hours":                                                                   27,
		"SELECT last_at FROM key_rejections WHERE key_id = 'dead' AND reason = 'key_revoked'":                   180000000,
	} {
		var got int64
		if err := d.read.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", query, got, err, want)
		}
	}
}
