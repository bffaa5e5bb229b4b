using System.Globalization;
using OsmExt.Simulation.Meshes;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Cli.Simulation;

/// <summary>Reads tests from YAML; every document is a list of them. What is not understood is a problem, never overlooked.</summary>
internal sealed class PolicyTestReader(string file)
{
    private static readonly string[] Fields = ["name", "from", "to", "protocol", "serverName", "certificate", "method", "path", "headers", "authorizer", "expect"];
    private static readonly string[] Expectations = ["verdict", "status", "backends"];
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    public IReadOnlyList<PolicyTest> Read(string text)
    {
        var tests = new List<PolicyTest>();
        var (documents, problems) = YamlText.Read(text);
        _problems.AddRange(problems.Select(problem => $"{file}:{problem.Position}: {problem.Message}"));
        foreach (var document in documents)
        {
            if (document.Root is not YamlSequenceNode list)
            {
                Problem(document, document.Root, "expected a list of tests");
                continue;
            }

            tests.AddRange(list.Children.Select(node => Test(document, node)).OfType<PolicyTest>());
        }

        return tests;
    }

    private PolicyTest? Test(YamlDocumentPart document, YamlNode node)
    {
        var before = _problems.Count;
        var fields = Map(document, node, Fields);
        var to = Text(fields, "to");
        var colon = to.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(to.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            Problem(document, node, "\"to\" must be HOST:PORT");
            return null;
        }

        if (Text(fields, "from").Length == 0 || !fields.TryGetValue("expect", out var expect))
        {
            Problem(document, node, "\"from\" and \"expect\" are required");
            return null;
        }

        var wanted = Map(document, expect, Expectations);
        var verdict = Text(wanted, "verdict");
        var protocol = Text(fields, "protocol") is { Length: > 0 } written ? written : "http";
        if (verdict is not ("allow" or "deny" or "undecided") || !Commands.RequestOptions.IsProtocol(protocol))
        {
            Problem(document, node, "\"verdict\" must be allow or deny, \"protocol\" http, https, grpc, tcp or tls");
        }

        var authorizer = Text(fields, "authorizer");
        if (authorizer is not ("" or "allow" or "deny"))
        {
            Problem(document, node, "\"authorizer\" must be allow or deny, or missing");
        }

        var shares = wanted.TryGetValue("backends", out var backends) ? Map(document, backends, null) : null;
        if (_problems.Count > before || (shares?.Values.Any(share => !TryNumber(share, out _)) ?? false))
        {
            Problem(document, node, "the test is not run");
            return null;
        }

        var request = new RequestText(Text(fields, "from"), to[..colon].Trim('[', ']'), port)
        {
            Protocol = Commands.RequestOptions.Protocol(protocol),
            Tls = Commands.RequestOptions.IsTls(protocol),
            ServerName = fields.ContainsKey("serverName") ? Text(fields, "serverName") : null,
            Certificate = [.. (fields.GetValueOrDefault("certificate") as YamlSequenceNode)?.Children.Select(name => (name as YamlScalarNode)?.Value ?? "") ?? []],
            Authorizer = Commands.RequestOptions.Answer(authorizer),
            Method = fields.ContainsKey("method") ? Text(fields, "method") : null,
            Path = fields.ContainsKey("path") ? Text(fields, "path") : "/",
            Headers = [.. Map(document, fields.GetValueOrDefault("headers"), null).Select(header => (header.Key, (header.Value as YamlScalarNode)?.Value ?? ""))],
        };
        return new(Text(fields, "name") is { Length: > 0 } name ? name : $"{request.From} to {to}", $"{file}:{document.PositionOf(node).Line}", request, verdict)
        {
            Status = int.TryParse(Text(wanted, "status"), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null,
            Backends = shares?.ToDictionary(share => share.Key, share => TryNumber(share.Value, out var number) ? number : 0, StringComparer.Ordinal),
        };
    }

    private Dictionary<string, YamlNode> Map(YamlDocumentPart document, YamlNode? node, string[]? known)
    {
        var result = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        if (node is not (null or YamlMappingNode))
        {
            Problem(document, node, "expected a mapping");
        }

        foreach (var (key, value) in node as YamlMappingNode ?? [])
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            result[name] = value;
            if (known is not null && !known.Contains(name, StringComparer.Ordinal))
            {
                var meant = Suggestion.Closest(name, known);
                Problem(document, key, $"unknown field \"{name}\"{(meant is null ? "" : $"; did you mean \"{meant}\"?")}");
            }
        }

        return result;
    }

    private static bool TryNumber(YamlNode node, out double number)
        => double.TryParse((node as YamlScalarNode)?.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private static string Text(Dictionary<string, YamlNode> fields, string name) => (fields.GetValueOrDefault(name) as YamlScalarNode)?.Value ?? "";

    private void Problem(YamlDocumentPart document, YamlNode node, string message) => _problems.Add($"{file}:{document.PositionOf(node)}: {message}");
}
