using System.Text;
using OsmExt.PluginHost.Certificates;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Plugins;

namespace OsmExt.ControlPlane.Serving;

/// <summary>Secrets as files, <c>NAMESPACE/NAME/FIELD</c>. Each file is exchanged whole, and not touched while it says the same.</summary>
internal sealed class SecretFiles(string directory)
{
    public const string Key = "tls.key";
    public const string Certificate = "tls.crt";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes the fields of one secret.</summary>
    public void Write(string ns, string name, params IEnumerable<(string Field, object Value)> fields)
    {
        var secret = Directory.CreateDirectory(Path.Combine(directory, ns, name)).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(secret, OwnerOnly | UnixFileMode.UserExecute);
        }

        foreach (var (field, value) in fields)
        {
            Replace(Path.Combine(secret, field), value is SecretBytes key ? key.Reveal().Span : Encoding.UTF8.GetBytes((string)value));
        }
    }

    /// <summary>Removes all secrets but these, and but those that patterns are for.</summary>
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

    /// <summary>Removes a field of a secret, if it is there.</summary>
    public void Remove(ObjectName secret, string field) => File.Delete(Path.Combine(directory, secret.Namespace, secret.Name, field));

    private static void Replace(string path, ReadOnlySpan<byte> content)
    {
        if (File.Exists(path) && content.SequenceEqual(File.ReadAllBytes(path)))
        {
            return;
        }

        var temporary = $"{path}.new";
        File.Delete(temporary);
        var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            creation.UnixCreateMode = OwnerOnly;
        }

        using (var stream = new FileStream(temporary, creation))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
