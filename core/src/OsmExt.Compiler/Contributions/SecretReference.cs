using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;

namespace OsmExt.Compiler.Contributions;

/// <summary>What a Secret is used as, which its place in Envoy's configuration says.</summary>
internal enum SecretUse
{
    /// <summary>A certificate and its key.</summary>
    Certificate,

    /// <summary>Whom to believe.</summary>
    Roots,

    /// <summary>A text that a filter sends or signs with.</summary>
    Generic,
}

/// <summary>
/// A Kubernetes Secret that a plugin's configuration names: <c>secret:NAME</c> of the object's namespace, or <c>secret:NAME/KEY</c> for one of its
/// values. The configuration holds only the name; the Secret itself is sent over SDS to the proxies that have the configuration.
/// </summary>
internal sealed record SecretReference(string Namespace, string Name, string Key, SecretUse Use)
{
    public const string Prefix = "secret:";

    /// <summary>What it is called in Envoy's configuration, where names of the mesh's own secrets begin differently.</summary>
    public string ResourceName => $"{Prefix}{Namespace}/{Name}|{Use.ToString().ToLowerInvariant()}{(Key.Length > 0 ? $"|{Key}" : "")}";

    /// <summary>The names of Secrets that a message asks for, as a plugin writes them.</summary>
    public static IReadOnlyList<string> Written(IMessage message)
    {
        var names = new List<string>();
        Visit(message, SecretUse.Generic, (config, _) =>
        {
            names.AddRange(config.Name.StartsWith(Prefix, StringComparison.Ordinal) ? [config.Name] : []);
            return false;
        });
        return names;
    }

    /// <summary>Puts what Secrets of a namespace are called in Envoy in the place of their names.</summary>
    public static void Resolve(IMessage message, string ns) => Visit(message, SecretUse.Generic, (config, use) =>
    {
        if (!config.Name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var (name, key) = config.Name[Prefix.Length..].Split('/', 2) is [var first, var second] ? (first, second) : (config.Name[Prefix.Length..], "");
        config.Name = new SecretReference(ns, name, key, use).ResourceName;
        config.SdsConfig = Protos.Ads;
        return true;
    });

    /// <summary>The Secrets that a message asks for, after <see cref="Resolve"/>.</summary>
    public static IReadOnlyList<SecretReference> In(IMessage message)
    {
        var found = new List<SecretReference>();
        Visit(message, SecretUse.Generic, (config, use) =>
        {
            if (config.Name.StartsWith(Prefix, StringComparison.Ordinal) && config.Name[Prefix.Length..].Split('/', '|') is [var ns, var name, _, .. var key])
            {
                found.Add(new(ns, name, key is [var one] ? one : "", use));
            }

            return false;
        });
        return found;
    }

    // Answers whether anything was changed, so that only then what is packed is packed again.
    private static bool Visit(IMessage message, SecretUse use, Func<SdsSecretConfig, SecretUse, bool> look)
    {
        var changed = false;
        switch (message)
        {
            case SdsSecretConfig config:
                return look(config, use);
            case CommonTlsContext context:
                foreach (var config in context.TlsCertificateSdsSecretConfigs)
                {
                    changed |= look(config, SecretUse.Certificate);
                }

                foreach (var config in new[] { context.ValidationContextSdsSecretConfig, context.CombinedValidationContext?.ValidationContextSdsSecretConfig }.OfType<SdsSecretConfig>())
                {
                    changed |= look(config, SecretUse.Roots);
                }

                return changed;
            case Any any when EnvoyTypes.Unpack(any) is { } content:
                changed = Visit(content, use, look);
                any.Value = changed ? Protos.Pack(content).Value : any.Value;
                return changed;
            default:
                PackedFields.Visit(message, new(), inner => changed |= Visit(inner, SecretUse.Generic, look));
                return changed;
        }
    }
}
