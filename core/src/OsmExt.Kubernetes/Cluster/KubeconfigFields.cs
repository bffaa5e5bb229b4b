using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OsmExt.Kubernetes.Manifests;
using OsmExt.Yaml;
using YamlDotNet.RepresentationModel;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>A part of a kubeconfig, which knows where it stands. Fields nobody asks for are nobody's mistake: other programs keep theirs here.</summary>
/// <param name="file">The file it was read from; files it names are relative to it.</param>
/// <param name="where">What it is, for people: <c>user "admin"</c>.</param>
/// <param name="node">Its mapping; null when there is none.</param>
internal sealed class KubeconfigFields(string file, string where, YamlNode? node)
{
    /// <summary>The file's directory.</summary>
    public string Directory { get; } = Path.GetDirectoryName(Path.GetFullPath(file))!;

    /// <summary>A text; null when absent or empty.</summary>
    public string? Text(string field) => YamlEntries.Find(node, field) switch
    {
        null => null,
        YamlScalarNode scalar => string.IsNullOrEmpty(scalar.Value) ? null : scalar.Value,
        _ => throw Wrong(field, "must be a text"),
    };

    /// <summary>A text that has to be there.</summary>
    public string RequiredText(string field) => Text(field) ?? throw Wrong(field, "is missing");

    /// <summary>A switch; off when absent.</summary>
    public bool Flag(string field) => YamlEntries.Find(node, field) switch
    {
        null => false,
        YamlScalarNode scalar when YamlScalar.AsBoolean(scalar) is { } value => value,
        _ => throw Wrong(field, "must be true or false"),
    };

    /// <summary>Texts; none when absent.</summary>
    public IReadOnlyList<string> Texts(string field) => YamlEntries.Find(node, field) switch
    {
        null => [],
        YamlSequenceNode list when list.Children.All(child => child is YamlScalarNode) => [.. list.Children.Select(child => ((YamlScalarNode)child).Value ?? "")],
        _ => throw Wrong(field, "must be a list of texts"),
    };

    /// <summary>A mapping within; null when absent.</summary>
    /// <param name="field">Its field.</param>
    /// <param name="called">What it is, for people; its place by default.</param>
    public KubeconfigFields? Section(string field, string? called = null) => YamlEntries.Find(node, field) switch
    {
        null => null,
        YamlMappingNode mapping => new(file, called ?? $"{where}: {field}", mapping),
        _ => throw Wrong(field, "must be a mapping"),
    };

    /// <summary>The mappings of a list; none when absent.</summary>
    public IReadOnlyList<KubeconfigFields> Sections(string field) => YamlEntries.Find(node, field) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children.Select((child, index) => new KubeconfigFields(file, $"{where}: {field}[{index}]", child))],
        _ => throw Wrong(field, "must be a list"),
    };

    /// <summary>The keys of a mapping, each with its texts.</summary>
    public IReadOnlyList<(string Key, IReadOnlyList<string> Values)> TextsByKey(string field) => YamlEntries.Find(node, field) is YamlMappingNode mapping
        ? [.. YamlEntries.Of(mapping).Select(entry => (YamlEntries.NameOf(entry.Key), Section(field)!.Texts(YamlEntries.NameOf(entry.Key))))]
        : [];

    /// <summary>A file it names, in full; null when absent.</summary>
    public string? PathOf(string field) => Text(field) is { } path ? Path.GetFullPath(path, Directory) : null;

    /// <summary>PEM text: written here in base64 as <c>FIELD-data</c>, which counts first, or in a file it names.</summary>
    public string? Pem(string field)
    {
        if (Text($"{field}-data") is { } encoded)
        {
            try
            {
                return System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(encoded));
            }
            catch (FormatException)
            {
                throw Wrong($"{field}-data", "is not base64");
            }
        }

        return PathOf(field) is { } path ? Read(field, path) : null;
    }

    /// <summary>The certificates of a PEM text; null when absent.</summary>
    public X509Certificate2Collection? Certificates(string field)
    {
        if (Pem(field) is not { } pem)
        {
            return null;
        }

        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(pem);
            return found.Count > 0 ? found : throw Wrong(field, "holds no certificate in PEM");
        }
        catch (CryptographicException failure)
        {
            throw Wrong(field, $"cannot be read as certificates in PEM ({failure.Message})");
        }
    }

    /// <summary>The content of a file that a field names.</summary>
    public string Read(string field, string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Wrong(field, $"names {path}, which cannot be read: {failure.Message}");
        }
    }

    /// <summary>What is wrong with a field, with its place.</summary>
    public ClusterConnectionException Wrong(string field, string problem)
    {
        var line = YamlEntries.Find(node, field)?.Start.Line ?? node?.Start.Line;
        return new($"{file}{(line is null ? "" : $":{line}")}: {where}: {field} {problem}");
    }
}
