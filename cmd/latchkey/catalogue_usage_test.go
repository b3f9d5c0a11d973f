package main

func usagePages() []page {
	return []page{
		{projectPath + "/usage", readers, []look{
			{name: "usage"},
			{name: "usage-24h", query: "?range=24h"},
			{name: "usage-7d", query: "?range=7d"},
			{name: "usage-1y", query: "?range=1y"},
			{name: "usage-empty", with: "project=portal", who: "200 404 404 404"},
		}},
	}
}
