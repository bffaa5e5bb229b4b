using Microsoft.AspNetCore.Http;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Finds out who sends a request: by token, by certificate, or nobody; and for whom they act.</summary>
internal sealed class Authentication(ServerCertificates certificates, ServiceAccountTokens tokens, IObjectRules rules)
{
    public Caller CallerOf(HttpContext context, StoreState state)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var caller = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? (tokens.Read(header[7..].Trim(), state) is { } read && read.Audiences.Contains(ServiceAccountTokens.Issuer) ? read.Caller : throw Refusals.Unauthorized())
            : context.Connection.ClientCertificate is { } certificate ? certificates.CallerOf(certificate) ?? throw Refusals.Unauthorized()
            : Caller.Anonymous;
        return Impersonated(context.Request, caller, state);
    }

    private Caller Impersonated(HttpRequest request, Caller caller, StoreState state)
    {
        if (request.Headers["Impersonate-User"].ToString() is not { Length: > 0 } name)
        {
            return caller;
        }

        string[] groups = [.. request.Headers["Impersonate-Group"].OfType<string>()];
        foreach (var (resource, wanted) in groups.Select(group => ("groups", group)).Prepend(("users", name)))
        {
            if (rules.Authorize(new(caller, "impersonate") { Version = "v1", Resource = resource, Name = wanted }, state) is not null)
            {
                throw Refusals.Forbidden($"{resource} \"{wanted}\" is forbidden: User \"{caller.Name}\" cannot impersonate resource \"{resource}\" in API group \"\" at the cluster scope");
            }
        }

        return name.Split(':') is ["system", "serviceaccount", var space, var account] && groups is []
            ? Caller.ServiceAccount(space, account, "") : new(name, [.. groups, Caller.Authenticated]);
    }
}
