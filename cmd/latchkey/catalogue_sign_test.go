package main

// signPages are those about signed search keys.
func signPages() []page {
	const form = mainForm
	return []page{
		{keyPath + "/sign", readers, []look{
			{name: "sign", see: "Sign a search key"},
			{name: "sign-search", with: "key=search", see: "filled in by the server"},
			{name: "sign-custom", with: "key=expiring", query: "?engine=national-parks-demo"},
			{name: "sign-cannot", with: "key=unused", see: "This key cannot sign"},
			{name: "sign-other-engine", with: "key=search", do: []step{{form: form, values: map[string][]string{"engine": {"products"}, "search_scope": {"some"}, "expires": {"date"}}, button: `[name="preview"]`}}},
			{name: "sign-failed", do: []step{send(form, "engine=products", "filter_field_1=id", "search_scope=some", "result_scope=some", "options={\"page\":", "expires=date", "expires_on=2020-01-01")}, status: 422},
			{name: "sign-failed-secret", do: []step{send(form, "engine=products", "secret=not the secret")}, status: 422, see: "not the secret of this key"},
			{name: "signed", with: "key=search", do: []step{send(form, "engine=products", "filter_field_1=id", "filter_value_1=p-1001", "facets=none", "options={\"page\": {\"size\": 5}}")}, see: "Copy the signed search key"},
			{name: "signed-plain", with: "key=search", do: []step{send(form, "engine=", "expires=parent")}, see: "It imposes no options"},
		}},
		{keysPath + "/decode", readers, []look{
			{name: "sign-decode"},
			{name: "sign-decode-nothing", do: []step{send(form, "token=")}, status: 422},
			{name: "sign-decode-nonsense", do: []step{send(form, "token=nonsense")}, see: "This is no signed search key"},
			{name: "sign-decode-refused", do: []step{send(form, "token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhcGlfa2V5X25hbWUiOiJzaG9wLXNlYXJjaC1ib3giLCJmaWx0ZXJzIjp7ImdlbnJlIjpbIm5vdmVsIiwicG9lbSJdfSwiaWF0IjoxNzY0MDAwMDAwLCJleHAiOjE3NjQwMDM2MDB9.AAAA")}, see: "What it claims"},
		}},
	}
}
