using System.Text;
using OsmExt.Identity.Files;
using OsmExt.PluginHost.Certificates;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Plugins;

namespace OsmExt.ControlPlane.Serving;

/// <summary>Secrets as files, <c>NAMESPACE/NAME/FIELD</c>. Each file is exchanged whole, and not touched while it says the same.</summary>
internal sealed class SecretFiles(string directory) : ISecretKeep
{
    public const string Key = "tls.key";
    public const string Certificate = "tls.crt";

    public void Write(ObjectName secret, params IReadOnlyCollection<(string Field, object Value)> fields)
    {
        var path = Directory.CreateDirectory(Path.Combine(directory, secret.Namespace, secret.Name)).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, FileExchange.OwnerOnly | UnixFileMode.UserExecute);
        }

        foreach (var (field, value) in fields)
        {
            Replace(Path.Combine(path, field), BytesOf(value));
        }

        foreach (var field in new[] { Key, Certificate }.Where(field => fields.All(written => written.Field != field)))
        {
            File.Delete(Path.Combine(path, field));
        }
    }

    /// <summary>A field's bytes.</summary>
    public static ReadOnlySpan<byte> BytesOf(object value) => value is SecretBytes key ? key.Reveal().Span : Encoding.UTF8.GetBytes((string)value);

    public void RemoveExcept(HashSet<ObjectName> kept, EquatableArray<string> patterns)
    {
        foreach (var ns in Directory.Exists(directory) ? Directory.GetDirectories(directory) : [])
        {
            foreach (var name in Directory.GetDirectories(ns).Select(secret => new ObjectName(Path.GetFileName(ns), Path.GetFileName(secret))))
            {
                if (!kept.Contains(name) && !CertificateGrant.Allows(patterns, $"{name}"))
                {
                    Directory.Delete(Path.Combine(ns, name.Name), recursive: true);
                }
            }
        }
    }

    private static void Replace(string path, ReadOnlySpan<byte> content)
    {
        if (File.Exists(path) && content.SequenceEqual(File.ReadAllBytes(path)))
        {
            return;
        }

        FileExchange.Replace(path, content);
    }
}
