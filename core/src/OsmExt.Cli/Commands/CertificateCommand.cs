using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm certificate</c>: the roots of a running mesh.</summary>
internal static class CertificateCommand
{
    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("certificate", "The certificates of a running mesh.") { Status(), CertificateRotateCommand.Create() };

    private static Command Status()
    {
        var page = new DebugPage("certificates", Table);
        var command = new Command("status", "Print the mesh's roots and trust domains, the step a change of them is at, and the proxies it waits for.");
        page.AddTo(command);
        return command;
    }

    private static string Table(JsonNode status)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        string[] header = ["ROOT", "ROLE", "SIGNS", "TRUSTED", "ACKNOWLEDGED", "PRESENTED BY", "ENDS", "FINGERPRINT"];
        var proxies = (int)status["proxies"]!;
        DebugPage.Write(text, [header, .. status["roots"]!.AsArray().Select(root => Row(root!, proxies))]);
        DebugPage.Write(text, [["TRUST DOMAIN", "ISSUED IN", "ACCEPTED", "ACKNOWLEDGED", "USED BY"], .. status["trust_domains"]!.AsArray().Select(domain => DomainRow(domain!, proxies))]);
        text.WriteLine($"Step: {status["step"]}{((string)status["root"]! is { Length: > 0 } root ? $" ({root})" : "")}");
        text.WriteLine($"xDS port: certificate by {status["xds_server"]} in {status["xds_server_trust_domain"]}");
        foreach (var proxy in status["waits_for"]!.AsArray())
        {
            text.WriteLine($"Waits for: {proxy}");
        }

        return text.ToString();
    }

    private static string[] DomainRow(JsonNode domain, int proxies) =>
    [
        $"{domain["name"]}", YesNo(domain["issuing"]), YesNo(domain["accepted"]), $"{domain["accepted_by"]} of {proxies}",
        $"{domain["used_by"]!.AsArray().Count} of {proxies}",
    ];

    private static string[] Row(JsonNode root, int proxies) =>
    [
        $"{root["name"]}", (string)root["role"]! is { Length: > 0 } role ? role : "-", YesNo(root["signs"]), YesNo(root["trusted"]),
        $"{root["trusted_by"]} of {proxies}", $"{root["presented_by"]!.AsArray().Count} of {proxies}", $"{root["not_after"]}",
        (string?)root["fingerprint"] is { } print ? print[..16] : "-",
    ];

    private static string YesNo(JsonNode? value) => (bool)value! ? "yes" : "no";
}
