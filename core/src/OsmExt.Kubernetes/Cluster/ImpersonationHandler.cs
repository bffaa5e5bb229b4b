namespace OsmExt.Kubernetes.Cluster;

/// <summary>Asks the API server to act as somebody else, as a kubeconfig's <c>as</c> says.</summary>
internal sealed class ImpersonationHandler(IReadOnlyList<KeyValuePair<string, string>> headers) : DelegatingHandler
{
    /// <summary>What a user's fields ask for.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> HeadersOf(KubeconfigFields user)
    {
        var headers = new List<KeyValuePair<string, string>>();
        Add("User", user.Text("as"));
        Add("Uid", user.Text("as-uid"));
        foreach (var group in user.Texts("as-groups"))
        {
            Add("Group", group);
        }

        foreach (var (key, values) in user.TextsByKey("as-user-extra"))
        {
            foreach (var value in values)
            {
                Add($"Extra-{Uri.EscapeDataString(key)}", value);
            }
        }

        return headers.Count > 0 && user.Text("as") is null ? throw user.Wrong("as", "is missing beside the other as-... fields") : headers;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                headers.Add(new($"Impersonate-{name}", value));
            }
        }
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
