package console

import (
	"testing"

	"latchkey/db/permission"
)

// Every permission that a key can have is offered once, and one that the visitor does not hold is offered with the
// reason why it cannot be ticked.
func TestResources(t *testing.T) {
	grantable := permission.Of(permission.DocumentsRead, permission.SearchRead)
	offered := map[string]bool{}
	for _, row := range resources(grantable, []string{"documents.read", "synonyms.modify"}) {
		if row.Name == "" || row.Sentence == "" {
			t.Errorf("a row without words: %+v", row)
		}
		for value, cell := range map[string]bool{row.Read.Value: row.Read.Unavailable == "", row.Modify.Value: row.Modify.Unavailable == ""} {
			if value == "" {
				continue
			}
			if offered[value] {
				t.Errorf("%s is offered twice", value)
			}
			if offered[value] = true; cell != grantable.Has(permission.Permission(value)) {
				t.Errorf("%s can be ticked: %v", value, cell)
			}
		}
		if row.Name == "Documents" && (!row.Read.Checked || row.Modify.Checked) || row.Name == "Synonyms" && !row.Modify.Checked {
			t.Errorf("%s: %+v", row.Name, row)
		}
	}
	for _, p := range permission.Keys.Strings() {
		if !offered[p] {
			t.Errorf("%s is not offered", p)
		}
	}
	if len(offered) != permission.Keys.Len() {
		t.Errorf("%d offered, %d exist", len(offered), permission.Keys.Len())
	}
}
