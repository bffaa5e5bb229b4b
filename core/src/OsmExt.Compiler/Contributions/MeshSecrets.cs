using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// Secrets that contributed TLS settings name and never hold: a proxy's own certificate, and the mesh's roots. The names stand for
/// another secret in each proxy, so they are put in when a proxy's configuration is made.
/// </summary>
internal static class MeshSecrets
{
    public const string Certificate = "mesh:certificate";
    public const string Roots = "mesh:roots";

    /// <summary>The names of secrets a message asks for, each as often as it does.</summary>
    public static IReadOnlyList<string> In(IMessage message)
    {
        var names = new List<string>();
        Visit(message, context =>
        {
            names.AddRange(References(context).Select(reference => reference.SdsConfig is null || reference.Name.StartsWith(SecretReference.Prefix, StringComparison.Ordinal) ? reference.Name : $"{reference.Name} from elsewhere"));
            return false;
        });
        return names;
    }

    /// <summary>The names of secrets that a message asks for more often than it did before.</summary>
    public static IReadOnlyList<string> Added(IMessage before, IMessage after) => Added(In(before), In(after));

    /// <summary>What is there more often than it was.</summary>
    public static IReadOnlyList<string> Added(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var known = before.CountBy(name => name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return [.. after.CountBy(name => name, StringComparer.Ordinal).Where(entry => entry.Value > known.GetValueOrDefault(entry.Key)).Select(entry => entry.Key)];
    }

    /// <summary>Why a plugin must not name these secrets, and what to do; null where it may.</summary>
    public static (string Problem, string Advice)? Refusal(IReadOnlyList<string> names, EquatableArray<PluginCapability> granted)
    {
        if (names.FirstOrDefault(name => name is not (Certificate or Roots) && !name.StartsWith(SecretReference.Prefix, StringComparison.Ordinal)) is { } unknown)
        {
            return ($"There is no secret \"{unknown}\"", $"Write {Certificate}, {Roots} or {SecretReference.Prefix}NAME, without saying where it comes from");
        }

        return names.Contains(Certificate, StringComparer.Ordinal) && !granted.Contains(PluginCapability.UseIdentity)
            ? ($"{Certificate} needs the capability use-identity", "Ask for it in plugin.yaml; the operator decides")
            : null;
    }

    /// <summary>Those of the mesh's own secrets that a text has among its values.</summary>
    public static IEnumerable<string> Mentioned(string json)
        => new[] { Certificate, Roots }.Where(name => json.Contains($"\"{name}\"", StringComparison.Ordinal));

    /// <summary>Puts a scope's own secrets, and the mesh's TLS versions where none are set, in the place of their names.</summary>
    public static void Resolve(IMessage message, ScopeView view) => Visit(message, context =>
    {
        var found = false;
        foreach (var reference in References(context).Where(reference => reference.Name is Certificate or Roots))
        {
            reference.Name = reference.Name == Certificate ? Names.ServiceCertificate(view.Scope.Identity) : Names.InboundTrust(view.Scope.Identity);
            reference.SdsConfig = Protos.Ads;
            found = true;
        }

        context.TlsParams = found ? context.TlsParams ?? TlsContexts.Parameters(view) : context.TlsParams;
        return found;
    });

    private static IEnumerable<SdsSecretConfig> References(CommonTlsContext context)
        => context.TlsCertificateSdsSecretConfigs
            .Append(context.ValidationContextSdsSecretConfig).Append(context.CombinedValidationContext?.ValidationContextSdsSecretConfig).OfType<SdsSecretConfig>();

    // Answers whether anything was changed, so that only then what is packed is packed again.
    private static bool Visit(IMessage message, Func<CommonTlsContext, bool> look)
    {
        var changed = message is CommonTlsContext context && look(context);
        if (message is Any any)
        {
            if (EnvoyTypes.Unpack(any) is { } content && Visit(content, look))
            {
                any.Value = Protos.Pack(content).Value;
                changed = true;
            }

            return changed;
        }

        PackedFields.Visit(message, new(), inner => changed |= Visit(inner, look));
        return changed;
    }
}
