using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// Secrets that contributed TLS settings name and never hold: a proxy's own certificate, and the mesh's roots. The names stand for
/// another secret in each proxy, so they are put in when a proxy's configuration is made.
/// </summary>
internal static class MeshSecrets
{
    public const string Certificate = "mesh:certificate";
    public const string Roots = "mesh:roots";

    /// <summary>The names of secrets a message asks for.</summary>
    public static IReadOnlySet<string> In(IMessage message)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Visit(message, context =>
        {
            names.UnionWith(References(context).Select(reference => reference.SdsConfig is null ? reference.Name : $"{reference.Name} from elsewhere"));
            return false;
        });
        return names;
    }

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
