using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm plugin status</c>: the plugins of a running mesh.</summary>
internal static class PluginStatusCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("status",
            "Print the plugins of a running mesh: what they cost, what Envoy refused of them, and how many proxies have acknowledged what their objects ask for.");
        new DebugPage("plugins", Table).AddTo(command);
        return command;
    }

    private static string Table(JsonNode page)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        var plugins = page["plugins"]!.AsArray().Select(plugin => plugin!).ToArray();
        DebugPage.Write(text,
        [
            ["PLUGIN", "VERSION", "STATE", "CONTRIBUTIONS", "BYTES", "CALLS", "ERRORS", "SECONDS", "REFUSED", "QUARANTINED", "DIGEST"],
            .. plugins.Select(plugin => new[]
            {
                $"{plugin["id"]}", Cell(plugin["version"]), $"{plugin["state"]}", Cell(plugin["contributions"]), Cell(plugin["bytes"]), Cell(plugin["calls"]),
                Cell(plugin["errors"]), Cell(plugin["seconds"]), Cell(plugin["rejections"]), Cell(plugin["quarantined"]?.AsArray().Count), Digest(plugin["digest"]),
            }),
        ]);
        var rollouts = All(page, "rollouts").ToArray();
        if (rollouts.Length > 0)
        {
            DebugPage.Write(text,
            [
                ["PLUGIN", "NEW VERSION", "INSTEAD OF", "STATE", "STEP", "FOR", "PROXIES", "SINCE"],
                .. rollouts.Select(rollout => new[]
                {
                    $"{rollout["plugin"]}", $"{rollout["version"]}", $"{rollout["before"]}", $"{rollout["state"]}", $"{rollout["step"]} of {rollout["steps"]}", $"{rollout["for"]}",
                    Cell(rollout["proxies"]), $"{rollout["since"]}",
                }),
            ]);
        }

        var services = plugins.SelectMany(plugin => All(plugin, "services").Select(item => (Plugin: $"{plugin["id"]}", Item: item))).ToArray();
        if (services.Length > 0)
        {
            DebugPage.Write(text,
            [
                ["SERVICE", "PLUGIN", "HEALTH", "RESTARTS", "VALUES", "PUBLISHED", "SAYS"],
                .. services.Select(entry => new[]
                {
                    $"{entry.Item["name"]}", entry.Plugin, $"{entry.Item["health"]}", $"{entry.Item["restarts"]}", $"{entry.Item["values"]}", $"{entry.Item["published"]}", $"{entry.Item["says"]}",
                }),
            ]);
        }

        var certificates = plugins.SelectMany(plugin => All(plugin, "certificates").Select(item => (Plugin: $"{plugin["id"]}", Item: item))).ToArray();
        if (certificates.Length > 0)
        {
            DebugPage.Write(text,
            [
                ["SECRET", "PLUGIN", "OBJECT", "IDENTITY", "NAMES", "UNTIL"],
                .. certificates.Select(entry => new[]
                {
                    $"{entry.Item["secret"]}", entry.Plugin, Cell(entry.Item["object"]), Cell(entry.Item["identity"]), string.Join(", ", All(entry.Item, "dns_names")), Cell(entry.Item["until"]),
                }),
            ]);
        }

        var objects = plugins.SelectMany(plugin => All(plugin, "objects").Select(item => (Plugin: $"{plugin["id"]}", Item: item))).ToArray();
        if (objects.Length > 0)
        {
            DebugPage.Write(text,
            [
                ["OBJECT", "PLUGIN", "ACCEPTED", "ACKNOWLEDGED"],
                .. objects.Select(entry => new[]
                {
                    $"{entry.Item["object"]}", entry.Plugin, (bool)entry.Item["accepted"]! ? "yes" : "no", $"{entry.Item["acknowledged"]} of {entry.Item["proxies"]} proxies",
                }),
            ]);
        }

        var findings = plugins.SelectMany(plugin => All(plugin, "findings").Concat(All(plugin, "objects").SelectMany(item => All(item, "findings")))).Concat(All(page, "diagnostics"))
            .Select(finding => $"{finding["object"]}: {finding["severity"]} {finding["code"]}: {finding["message"]}. {finding["advice"]}.").Distinct(StringComparer.Ordinal);
        foreach (var finding in findings)
        {
            text.WriteLine(finding);
        }

        return text.ToString();
    }

    private static IEnumerable<JsonNode> All(JsonNode node, string list) => node[list]?.AsArray().Select(item => item!) ?? [];

    private static string Cell(JsonNode? value) => value?.ToString() ?? "-";

    // A policy file wants all of it, which osm plugin list prints.
    private static string Digest(JsonNode? value) => value is null ? "-" : value.ToString()[..19];
}
