using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>One kubeconfig or several, merged as kubectl does: for each name, and for the current context, the first file that has it counts.</summary>
internal sealed class Kubeconfig
{
    private readonly Dictionary<string, KubeconfigFields> _entries = new(StringComparer.Ordinal);
    private string? _currentContext;

    /// <summary>The files it was read from.</summary>
    public IReadOnlyList<string> Files { get; private init; } = [];

    /// <summary>Whether there is anything in it.</summary>
    public bool IsEmpty => _entries.Count == 0 && _currentContext is null;

    /// <summary>The names of its contexts, in order.</summary>
    public IReadOnlyList<string> Contexts => [.. _entries.Keys.Where(key => key.StartsWith("context/", StringComparison.Ordinal)).Select(key => key["context/".Length..]).Order(StringComparer.Ordinal)];

    /// <summary>Reads files; those that are not there are left out unless they must be.</summary>
    public static Kubeconfig Read(IReadOnlyList<string> files, bool mustExist)
    {
        var present = files.Where(file => mustExist || File.Exists(file)).ToArray();
        var config = new Kubeconfig { Files = present };
        foreach (var file in present)
        {
            config.Add(file, Root(file));
        }

        return config;
    }

    /// <summary>The name of the context that is meant.</summary>
    public string ContextName(string? wanted)
    {
        var name = wanted ?? _currentContext ?? throw new ClusterConnectionException(
            $"{string.Join(", ", Files)}: current-context is not set; choose a context with --context, or kubectl config use-context{Known("context")}");
        return _entries.ContainsKey($"context/{name}") ? name : throw new ClusterConnectionException(
            $"{string.Join(", ", Files)}: there is no context \"{name}\"{(wanted is null ? ", which current-context names" : "")}{Closest("context", name)}");
    }

    /// <summary>The context of a name that <see cref="ContextName"/> gave.</summary>
    public KubeconfigFields Context(string name) => _entries[$"context/{name}"];

    /// <summary>What a context's field names: its cluster or its user; null when it names none.</summary>
    public KubeconfigFields? Named(string kind, string context) => Context(context).Text(kind) is { } name
        ? _entries.GetValueOrDefault($"{kind}/{name}") ?? throw Context(context).Wrong(kind, $"names \"{name}\", and there is no such {kind}{Closest(kind, name)}")
        : null;

    private static YamlMappingNode? Root(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ClusterConnectionException($"the kubeconfig {file} cannot be read: {failure.Message}", failure);
        }

        var (documents, problems) = YamlText.Read(text);
        return problems is [var first, ..] ? throw new ClusterConnectionException($"{file}:{first.Position.Line}: {first.Message}; a kubeconfig is YAML or JSON")
            : documents.Count == 0 ? null
            : documents[0].Root as YamlMappingNode ?? throw new ClusterConnectionException($"{file}: this is no kubeconfig; it must be a mapping with clusters, users and contexts");
    }

    private void Add(string file, YamlMappingNode? root)
    {
        var fields = new KubeconfigFields(file, "kubeconfig", root);
        _currentContext ??= fields.Text("current-context");
        foreach (var kind in (string[])["cluster", "user", "context"])
        {
            foreach (var entry in fields.Sections($"{kind}s"))
            {
                var name = entry.RequiredText("name");
                _entries.TryAdd($"{kind}/{name}", entry.Section(kind, $"{kind} \"{name}\"") ?? new(file, $"{kind} \"{name}\"", null));
            }
        }
    }

    private string Closest(string kind, string name)
        => Suggestion.Closest(name, Names(kind)) is { } closest ? $"; did you mean \"{closest}\"?" : Known(kind);

    private string Known(string kind) => Names(kind) is { Length: > 0 } names ? $"; there are {string.Join(", ", names.Take(10))}{(names.Length > 10 ? ", ..." : "")}" : "";

    private string[] Names(string kind) => [.. _entries.Keys.Where(key => key.StartsWith($"{kind}/", StringComparison.Ordinal)).Select(key => key[(kind.Length + 1)..]).Order(StringComparer.Ordinal)];
}
