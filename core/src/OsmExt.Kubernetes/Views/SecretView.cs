using System.Text;
using OsmExt.Kubernetes.Models;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>Secrets. They are read only for meshes with plugins that may have them.</summary>
internal static class SecretView
{
    public static ResourceKind Kind { get; } = new ResourceKind<SecretModel>(From)
    {
        Group = "", Versions = ["v1"], Kind = nameof(Secret), HidesValues = true, Reads = FieldSet.Of("type", "data", "stringData"),
    };

    private static Secret From(SecretModel model, ResourceMetadata metadata, FieldReport report)
    {
        var entries = new SortedDictionary<string, SecretBytes>(StringComparer.Ordinal);
        foreach (var (key, text) in model.Data ?? new Dictionary<string, HiddenText>())
        {
            var bytes = new byte[text.Reveal().Length];
            if (Convert.TryFromBase64String(text.Reveal(), bytes, out var length))
            {
                entries[key] = new(bytes.AsSpan(0, length));
            }
            else
            {
                report.Invalid($"data[{key}]", "It is no base64", "Write it in base64, or as it is into stringData");
            }
        }

        // As the API server does, which lets these count.
        foreach (var (key, text) in model.StringData ?? new Dictionary<string, HiddenText>())
        {
            entries[key] = new(Encoding.UTF8.GetBytes(text.Reveal()));
        }

        return new(metadata with { Annotations = LabelSet.Empty })
        {
            Type = model.Type ?? "Opaque",
            Entries = [.. entries.Select(entry => new SecretEntry(entry.Key, entry.Value))],
        };
    }
}
