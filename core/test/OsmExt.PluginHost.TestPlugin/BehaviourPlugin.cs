using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.TestPlugin;

/// <summary>A plugin that does whatever its objects say, good or bad.</summary>
public sealed class BehaviourPlugin : IPlugin, IKindConversion, IAdmissionRule
{
    private static int _calls;
    private static readonly int[] Ports = [80, 8443];

    private const string Host = """
        name: "behaviour|outside"
        domains: [example.org, web.shop]
        routes: [{match: {prefix: /}, route: {cluster: "behaviour|outside"}}]
        """;

    /// <inheritdoc/>
    public PluginOutput Contribute(PluginInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var contributions = input.Published.Select(published => new Contribution("lua", ContributionTarget.Mesh) { Model = ConfigValue.From(new { code = published.Value.As<string>() }) }).ToList();
        var certificates = new List<CertificateRequest>();
        var conditions = new List<PluginCondition>();
        foreach (var resource in input.Resources)
        {
            var target = resource.TargetIn(input.OsmNamespace);
            switch (resource.Spec.Root.GetProperty("what").GetString())
            {
                case "throw":
                    throw new BadMoodException("it is in a bad mood");
                case "throw-worse":
                    throw new WorseMoodException();
                case "hang":
                    using (var never = new ManualResetEvent(false))
                    {
                        never.WaitOne();
                    }

                    break;
                case { } service when service.Contains("publish", StringComparison.Ordinal) || service.Contains("service", StringComparison.Ordinal) || service == "hang-at-stop":
                    break;
                case { } slot when slot.StartsWith("certificate ", StringComparison.Ordinal):
                    certificates.Add(new(slot.Split(' ')[1], new("edge", resource.Metadata.Name)) { Outside = "vm-1", Origin = resource.Key });
                    break;
                case "null":
                    return null!;
                case "null-contribution":
                    contributions.Add(null!);
                    break;
                case "null-model":
                    contributions.Add(new("lua", target) { Model = null! });
                    break;
                case "null-certificate":
                    certificates.Add(new("identity", null!));
                    break;
                case "null-condition":
                    conditions.Add(null!);
                    break;
                case "allocate":
                    // Memory that nobody writes to: on a busy machine, filling it would take longer than a call may.
                    contributions.Add(new("text", target) { Text = $"{GC.AllocateUninitializedArray<byte>(300_000_000).Length}" });
                    break;
                case "count":
                    contributions.Add(new("lua", target) { Model = ConfigValue.From(new { code = $"-- {++_calls}" }), Origin = resource.Key });
                    break;
                case "first":
                    contributions.Add(new("lua", target) { Model = ConfigValue.From(new { code = $"-- {input.Resources[0].Key}" }), Origin = resource.Key });
                    break;
                case "crowd" when input.Resources.Count > 100:
                    throw new BadMoodException("there are too many");
                case "huge":
                    contributions.Add(new("lua", target) { Model = ConfigValue.From(new { code = new string('x', 2_000_000) }), Origin = resource.Key });
                    break;
                case "duplicate":
                    contributions.AddRange(Enumerable.Range(1, 2).Select(number => new Contribution("host", new() { Namespace = resource.Metadata.Namespace, Port = 80 })
                    {
                        Origin = resource.Key, Text = Host.Replace("example", $"example-{number}", StringComparison.Ordinal),
                    }));
                    break;
                case "linger":
                    AppDomain.CurrentDomain.ProcessExit += static (_, _) => _calls++;
                    break;
                case "write":
                    ((IList<PluginResource>)(object)input.Resources).Clear();
                    break;
                case "invalid":
                    contributions.Add(new("lua", target) { Model = ConfigValue.From(new { code = "function envoy_on_response(" }), Origin = resource.Key });
                    break;
                case "garbage":
                    contributions.Add(new("text", target) { Text = "}{ [", Origin = resource.Key });
                    break;
                case "host":
                    contributions.AddRange(Ports.Select(port => new Contribution("host", target with { Port = port }) { Origin = resource.Key, Text = Host }));
                    break;
                case { } way when way.StartsWith("way ", StringComparison.Ordinal):
                    contributions.Add(Way(resource, target, way.Split(' ')));
                    break;
                case "twice":
                    contributions.AddRange(Enumerable.Range(1, 2).Select(number => new Contribution("lua", target) { Model = ConfigValue.From(new { code = $"-- {number}" }), Origin = resource.Key }));
                    break;
                case { } said when said.StartsWith("say ", StringComparison.Ordinal):
                    conditions.Add(Said(resource, said.Split(' ')));
                    break;
                case "other-object":
                    contributions.Add(new("lua", target) { Model = ConfigValue.From(new { code = "--" }), Origin = resource.Key with { Namespace = "other" } });
                    break;
                case "other-slot":
                    contributions.Add(new("somebody-elses", target) { Text = "{}" });
                    break;
                case var code:
                    contributions.Add(new("lua", target) { Model = ConfigValue.From(new { code }), Origin = resource.Key });
                    break;
            }
        }

        return new()
        {
            Contributions = [.. contributions],
            Certificates = [.. certificates],
            Conditions = [.. conditions],
            Diagnostics = [new Diagnostic(DiagnosticCodes.IgnoredObject, Severity.Info, null, "", $"It saw {input.Resources.Count} objects", "Nothing")],
        };
    }

    /// <inheritdoc/>
    public ConfigValue Convert(VersionedSpec from, string version)
    {
        ArgumentNullException.ThrowIfNull(from);
        return from switch
        {
            { Version: "v0" } when from.Spec.As<OlderSpec>()!.Behaviour == "throw" => throw new BadMoodException("it converts nothing"),
            { Version: "v0" } => ConfigValue.From(new BehaviourSpec(from.Spec.As<OlderSpec>()!.Behaviour)),
            _ => ConfigValue.From(new OlderSpec(from.Spec.As<BehaviourSpec>()!.What)),
        };
    }

    /// <inheritdoc/>
    public EquatableArray<Refusal> Review(PluginResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource.Spec.Root.GetProperty("what").GetString() switch
        {
            "refuse" => [new("spec.what", "It says refuse", "Say something else")],
            "null-in-review" => [new(null!, null!, null!)],
            "throw-in-review" => throw new BadMoodException("it reviews nothing"),
            _ => [],
        };
    }

    // "say TYPE REASON [OTHER]", of another object where one is named.
    private static PluginCondition Said(PluginResource resource, string[] words)
        => new(words.Length > 3 ? resource.Key with { Name = words[3] } : resource.Key, words[1], true, words[2], $"It says {words[1]}");

    // "way PORT RANGE [SERVER-NAME]"
    private static Contribution Way(PluginResource resource, ContributionTarget target, string[] words)
        => new("ways", target with { Port = int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture) })
        {
            Origin = resource.Key,
            Text = $$"""
                name: "behaviour|{{resource.Metadata.Name}}"
                filter_chain_match: {prefix_ranges: [{address_prefix: "{{words[2].Split('/')[0]}}", prefix_len: {{words[2].Split('/')[1]}} } ], server_names: [{{string.Join(", ", words.Skip(3))}}]}
                filters: [{name: tcp, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: way, cluster: "behaviour|out"} }]
                """,
        };
}

/// <summary>An exception that cannot even say what it is.</summary>
public sealed class WorseMoodException : Exception
{
    /// <inheritdoc/>
    public override string Message => throw new BadMoodException("it says nothing");
}

/// <summary>An exception of the plugin's own type, which must not keep the plugin in memory.</summary>
public sealed class BadMoodException(string message) : Exception(message);
