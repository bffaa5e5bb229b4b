using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using OsmExt.ControlPlane.Options;

namespace OsmExt.Cli.Commands;

/// <summary><c>osm certificate</c>: the roots of a running mesh.</summary>
internal static class CertificateCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Makes the command with its sub-commands.</summary>
    public static Command Create() => new("certificate", "The certificates of a running mesh.") { Status() };

    private static Command Status()
    {
        var fallback = new ControlPlaneOptions().DebugAddress;
        var address = new Option<DnsEndPoint?>("--debug-address")
        {
            Description = $"Where the control plane's debug pages are. Default: {fallback}.",
            CustomParser = Endpoint.ParseHost,
            HelpName = "HOST:PORT",
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The format.", DefaultValueFactory = _ => "table", HelpName = "table|json",
        };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("status", "Print the mesh's roots and trust domains, the step a change of them is at, and the proxies it waits for.") { address, output };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(address) ?? new(fallback.Address.ToString(), fallback.Port), parsed.GetValue(output) == "json", cancellation));
        return command;
    }

    private static async Task<int> RunAsync(DnsEndPoint address, bool json, CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            var page = new UriBuilder("http", address.Host, address.Port, "debug/certificates").Uri;
            var text = await client.GetStringAsync(page, cancellation).ConfigureAwait(false);
            Console.Out.Write(json ? text : Table(JsonNode.Parse(text)!));
            return ExitCode.Ok;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"osm: no control plane answers at {address.Host}:{address.Port} ({failure.Message}); "
                + "is it running, and is this its --debug-address?").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    private static string Table(JsonNode status)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        string[] header = ["ROOT", "ROLE", "SIGNS", "TRUSTED", "ACKNOWLEDGED", "PRESENTED BY", "ENDS", "FINGERPRINT"];
        var proxies = (int)status["proxies"]!;
        Write(text, [header, .. status["roots"]!.AsArray().Select(root => Row(root!, proxies))]);
        Write(text, [["TRUST DOMAIN", "ISSUED IN", "ACCEPTED", "ACKNOWLEDGED", "USED BY"], .. status["trust_domains"]!.AsArray().Select(domain => DomainRow(domain!, proxies))]);
        text.WriteLine($"Step: {status["step"]}{((string)status["root"]! is { Length: > 0 } root ? $" ({root})" : "")}");
        text.WriteLine($"xDS port: certificate by {status["xds_server"]} in {status["xds_server_trust_domain"]}");
        foreach (var proxy in status["waits_for"]!.AsArray())
        {
            text.WriteLine($"Waits for: {proxy}");
        }

        return text.ToString();
    }

    private static void Write(StringWriter text, string[][] rows)
    {
        foreach (var row in rows)
        {
            text.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(rows.Max(each => each[column].Length)))).TrimEnd());
        }

        text.WriteLine();
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
