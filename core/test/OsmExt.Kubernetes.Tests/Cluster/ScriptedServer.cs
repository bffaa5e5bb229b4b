using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Web;
using k8s;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>An API server that answers each request as the test says, without a network: the only way to see what a client makes of a line that breaks off.</summary>
internal sealed class ScriptedServer : DelegatingHandler
{
    private readonly ConcurrentQueue<Func<HttpResponseMessage>> _answers = new();
    private readonly SemaphoreSlim _asked = new(0);
    private readonly SemaphoreSlim _ready = new(0);

    public ConcurrentQueue<string> Requests { get; } = new();

    public ClusterClient Client(TimeProvider time) => new(new k8s.Kubernetes(new KubernetesClientConfiguration { Host = "http://api" }, this), time);

    /// <summary>Answers the next request with a stream that stays open.</summary>
    public ScriptedWatch Watch(params string[] lines)
    {
        var watch = new ScriptedWatch();
        watch.Send(lines);
        Answer(watch.Response);
        return watch;
    }

    /// <summary>Answers the next request with a stream of these bytes, which then ends.</summary>
    public void Ended(string text)
    {
        var watch = Watch();
        watch.SendRaw(text);
        watch.End();
    }

    public void List(string json) => Status(HttpStatusCode.OK, json);

    public void Status(HttpStatusCode status, string json = "{}", TimeSpan? retryAfter = null) => Answer(() =>
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        response.Headers.RetryAfter = retryAfter is { } after ? new(after) : null;
        return response;
    });

    public void Fail() => Answer(() => throw new HttpRequestException("Connection refused"));

    /// <summary>Waits for the next request that has an answer; what it asked for.</summary>
    public async Task<string> NextAsync()
    {
        Assert.True(await _asked.WaitAsync(TimeSpan.FromSeconds(30)), $"Nothing was asked after {string.Join('\n', Requests)}");
        return Requests.Last();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var query = HttpUtility.ParseQueryString(request.RequestUri!.Query);
        query.Remove("timeoutSeconds");
        Requests.Enqueue($"{request.RequestUri.AbsolutePath.TrimStart('/')}?{HttpUtility.UrlDecode(query.ToString())}");
        await _ready.WaitAsync(cancellationToken);
        Assert.True(_answers.TryDequeue(out var answer));
        _asked.Release();
        return answer();
    }

    private void Answer(Func<HttpResponseMessage> answer)
    {
        _answers.Enqueue(answer);
        _ready.Release();
    }
}

/// <summary>A watch, as the server's end sees it.</summary>
internal sealed class ScriptedWatch
{
    private readonly Pipe _pipe = new(new PipeOptions(useSynchronizationContext: false));

    public HttpResponseMessage Response() => new(HttpStatusCode.OK) { Content = new StreamContent(_pipe.Reader.AsStream()) };

    public void Send(params string[] lines) => SendRaw(string.Concat(lines.Select(line => line + "\n")));

    public void SendRaw(string text)
    {
        _pipe.Writer.Write(Encoding.UTF8.GetBytes(text));
        Assert.True(_pipe.Writer.FlushAsync().AsTask().Wait(TimeSpan.FromSeconds(30)));
    }

    public void End() => _pipe.Writer.Complete();

    public void Break() => _pipe.Writer.Complete(new IOException("The connection was reset"));
}

/// <summary>Writes down what a reflector says.</summary>
internal sealed class RecordingSink : IReflectorSink
{
    private readonly Lock _lock = new();
    private readonly List<string> _said = [];
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Begin() => Say("begin");

    public void Listed(ApiObject found) => Say($"{found.Name}@{found.ResourceVersion}");

    /// <summary>Says what is kept at the end of a list.</summary>
    public Func<bool, Doubt?> Keeps { get; set; } = static _ => null;

    public Doubt? End(bool isSure)
    {
        var kept = Keeps(isSure);
        Say(kept is null ? "end" : "doubted");
        return kept;
    }

    public void Changed(ApiObject changed) => Say($"~{changed.Name}@{changed.ResourceVersion}");

    public void Deleted(ApiObject deleted) => Say($"-{deleted.Name}");

    /// <summary>Waits until all of it, and nothing else, was said.</summary>
    public async Task ExpectAsync(string expected)
    {
        while (true)
        {
            Task news;
            string said;
            lock (_lock)
            {
                (news, said) = (_news.Task, string.Join(' ', _said));
            }

            if (said.Length >= expected.Length)
            {
                Assert.Equal(expected, said);
                return;
            }

            await news.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    private void Say(string what)
    {
        lock (_lock)
        {
            _said.Add(what);
            _news.TrySetResult();
            _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
