package main

func usagePages() []page {
	return []page{
		{projectPath, readers, []look{
			{name: "overview"},
			{name: "overview-new-project", with: "project=portal", who: "200 404 404 404"},
			{name: "overview-right-to-left", with: "org=متجر الشمال, project=right to left", who: "200 404 404 404"},
		}},
		{projectPath + "/usage", readers, []look{
			{name: "usage"},
			{name: "usage-24h", query: "?range=24h"},
			{name: "usage-7d", query: "?range=7d"},
			{name: "usage-1y", query: "?range=1y"},
			{name: "usage-empty", with: "project=portal", who: "200 404 404 404"},
		}},
	}
}
