using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>A change to finished resources, as a plugin writes it: which ones, and what becomes of their fields.</summary>
internal sealed class ResourcePatch
{
    private static readonly MessageDescriptor[] Kinds = [Listener.Descriptor, RouteConfiguration.Descriptor, VirtualHost.Descriptor, Cluster.Descriptor];
    private readonly Regex _name;
    private readonly ImmutableArray<(string Text, PatchPath Path, JsonNode? Value)> _changes;

    private ResourcePatch(MessageDescriptor kind, string name, ImmutableArray<(string, PatchPath, JsonNode?)> changes)
    {
        (Kind, Name, _changes) = (kind, name, changes);
        _name = new($"^{Regex.Escape(name).Replace("\\*", ".*", StringComparison.Ordinal)}\\z", RegexOptions.NonBacktracking | RegexOptions.Singleline);
    }

    public MessageDescriptor Kind { get; }

    /// <summary>The resource's name; a star stands for any text.</summary>
    public string Name { get; }

    /// <summary>The patch, or the field at fault and why.</summary>
    public static (ResourcePatch? Patch, string Field, string Problem) Read(Struct written)
    {
        var fields = EnvoyJson.ToNode(written)!.AsObject();
        if (fields.FirstOrDefault(field => field.Key is not ("resource" or "name" or "set")).Key is { } unknown)
        {
            return (null, unknown, "A patch has resource, name and set, and no other fields");
        }

        if (Kinds.FirstOrDefault(kind => string.Equals(kind.Name, Text(fields["resource"]), StringComparison.Ordinal)) is not { } kind)
        {
            return (null, "resource", $"There is no such resource to patch; it is one of {string.Join(", ", Kinds.Select(known => known.Name))}");
        }

        if (Text(fields["name"]) is not { Length: > 0 } name)
        {
            return (null, "name", "It does not say which resources are meant, by name; a star stands for any text");
        }

        var changes = ImmutableArray.CreateBuilder<(string, PatchPath, JsonNode?)>();
        foreach (var entry in fields["set"] as JsonArray ?? [])
        {
            var at = $"set[{changes.Count}]";
            if (entry is not JsonObject { Count: 2 } change || !change.ContainsKey("value") || Text(change["path"]) is not { } text)
            {
                return (null, at, "A change has a path and a value, which is null to remove what is there");
            }

            if (PatchPath.Parse(text) is not { } path)
            {
                return (null, $"{at}.path", $"\"{text}\" is no path like filter_chains[*].filters[name=tcp].typed_config.stat_prefix");
            }

            if (path.Beginning is "name" or "virtual_hosts")
            {
                return (null, $"{at}.path", path.Beginning is "name" ? "A resource keeps its name" : "Virtual hosts are resources to patch themselves: VirtualHost");
            }

            changes.Add((text, path, change["value"]));
        }

        return changes.Count == 0 ? (null, "set", "It changes nothing") : (new(kind, name, changes.ToImmutable()), "", "");
    }

    /// <summary>Whether it is for that message.</summary>
    public bool Means(IMessage message) => message.Descriptor == Kind && _name.IsMatch(NameOf(message));

    /// <summary>The message as it is with all of the changes; or why it is not, and whether that is since something to change is not there.</summary>
    /// <param name="message">The message; it stays as it is.</param>
    /// <param name="granted">What the patch's plugin may do.</param>
    public (IMessage? Changed, string Field, string Problem, bool IsMissing) Apply(IMessage message, EquatableArray<PluginCapability> granted)
    {
        var tree = EnvoyJson.ToNode(message)!.AsObject();
        var tls = TlsSettings.In(tree);
        foreach (var (text, path, value) in _changes)
        {
            if (path.Set(tree, value) == 0)
            {
                return (null, text, $"there is no {text} in {Kind.Name} {NameOf(message)}", true);
            }
        }

        var read = EnvoyJson.FromNode(tree, Kind);
        if (read.Message is not { } changed)
        {
            return (null, read.Problems[0].Path, $"{Kind.Name} {NameOf(message)} would not be one: {read.Problems[0].Message}", false);
        }

        // A path leads to TLS in many ways, and a value may hold any of it: what comes out tells.
        if (TlsSettings.Change(tls, TlsSettings.In(EnvoyJson.ToNode(changed))) is { } place && Forbidden(message, changed, granted) is { } problem)
        {
            return (null, place, $"{Kind.Name} {NameOf(message)} {problem}", false);
        }

        // Those of other plugins' contributions are theirs, and a proxy waits for ever for one that it is not given.
        if (MeshSecrets.Added(SecretReference.Written(message), SecretReference.Written(changed)) is [var secret, ..])
        {
            return (null, "", $"{Kind.Name} {NameOf(message)} would name {secret}, and Secrets are not for patches", false);
        }

        return (changed, "", "", false);
    }

    private static string? Forbidden(IMessage before, IMessage after, EquatableArray<PluginCapability> granted)
    {
        if (!granted.Contains(PluginCapability.WriteTls))
        {
            return "would speak TLS otherwise, which needs the capability write-tls";
        }

        return MeshSecrets.Refusal(MeshSecrets.Added(before, after), granted) is { } refused ? $"would name a secret: {refused.Problem}; {refused.Advice}" : null;
    }

    // A host that is a resource is called after its route configuration.
    private static string NameOf(IMessage message) => (string)message.Descriptor.FindFieldByName("name").Accessor.GetValue(message) is var name && message is VirtualHost
        ? name[(name.LastIndexOf('/') + 1)..] : name;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
